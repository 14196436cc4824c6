//! Names that templates speak of, and names that no template needs.

/// Words that begin a statement.
pub(super) const KEYWORDS: &[&str] = &[
    "autoescape",
    "block",
    "break",
    "call",
    "continue",
    "do",
    "elif",
    "else",
    "endautoescape",
    "endblock",
    "endcall",
    "endfilter",
    "endfor",
    "endgeneration",
    "endif",
    "endmacro",
    "endraw",
    "endset",
    "endtrans",
    "endwith",
    "extends",
    "filter",
    "for",
    "from",
    "generation",
    "if",
    "import",
    "include",
    "macro",
    "pluralize",
    "raw",
    "set",
    "trans",
    "with",
];

/// What chat templates are handed, by which they are told from other texts with tags.
pub(super) const CHAT: &[&str] = &[
    "messages",
    "bos_token",
    "eos_token",
    "add_generation_prompt",
    "raise_exception",
    "loop_messages",
    "strftime_now",
    "tool_calls",
];

/// Of the internals those that stand in pages about programs, and in the templates of such.
const COMMON: &[&str] = &[
    "__all__",
    "__call__",
    "__doc__",
    "__enter__",
    "__exit__",
    "__file__",
    "__getitem__",
    "__init__",
    "__main__",
    "__module__",
    "__name__",
    "__new__",
    "__package__",
    "__path__",
    "__qualname__",
    "__repr__",
    "__slots__",
    "__str__",
];

/// Names of the internals of Python, from which everything can be reached.
const INTERNAL: &[&str] = &[
    "__annotations__",
    "__base__",
    "__bases__",
    "__builtins__",
    "__call__",
    "__class__",
    "__closure__",
    "__code__",
    "__context__",
    "__defaults__",
    "__delattr__",
    "__dict__",
    "__dir__",
    "__doc__",
    "__enter__",
    "__exit__",
    "__file__",
    "__format__",
    "__func__",
    "__get__",
    "__getattr__",
    "__getattribute__",
    "__getitem__",
    "__globals__",
    "__import__",
    "__init__",
    "__init_subclass__",
    "__kwdefaults__",
    "__loader__",
    "__module__",
    "__mro__",
    "__name__",
    "__new__",
    "__objclass__",
    "__package__",
    "__path__",
    "__prepare__",
    "__qualname__",
    "__reduce__",
    "__reduce_ex__",
    "__repr__",
    "__self__",
    "__set__",
    "__setattr__",
    "__setstate__",
    "__slots__",
    "__spec__",
    "__str__",
    "__subclasses__",
    "__traceback__",
    "__wrapped__",
];

/// Attributes without underscores that lead to frames, code and processes.
const LEADING: &[&str] = &[
    "ag_code",
    "ag_frame",
    "check_call",
    "check_output",
    "co_code",
    "co_consts",
    "cr_code",
    "cr_frame",
    "f_back",
    "f_builtins",
    "f_globals",
    "f_locals",
    "func_closure",
    "func_code",
    "func_globals",
    "gi_code",
    "gi_frame",
    "im_class",
    "im_func",
    "im_self",
    "import_module",
    "load_module",
    "mro",
    "popen",
    "Popen",
    "subprocess",
    "tb_frame",
    "tb_next",
    "getoutput",
    "getstatusoutput",
    "spawnl",
    "spawnv",
    "execve",
    "execvp",
    "posix_spawn",
    "fork_exec",
    "from_string",
    "jinja_env",
    "runsource",
];

/// What runs something where it is called.
const RUNNING: &[&str] = &[
    "__import__",
    "breakpoint",
    "check_call",
    "check_output",
    "compile",
    "delattr",
    "eval",
    "exec",
    "execfile",
    "getattr",
    "globals",
    "import_module",
    "importlib",
    "locals",
    "lookup",
    "open",
    "os",
    "popen",
    "Popen",
    "setattr",
    "subprocess",
    "system",
    "vars",
];

/// Objects of Jinja and of web frameworks whose attributes lead to modules, where nobody needs their attributes.
const ROADS: &[&str] = &["cycler", "get_flashed_messages", "joiner", "lipsum", "url_for"];

/// Whether a name is one of the internals of Python.
pub(super) fn is_internal(name: &str) -> bool {
    INTERNAL.contains(&name)
}

/// Whether a name is an internal that pages about programs have.
pub(super) fn is_common(name: &str) -> bool {
    COMMON.contains(&name)
}

/// Whether a name is an internal that nobody speaks of without need, or a road to such.
pub(super) fn is_telling(name: &str) -> bool {
    (is_internal(name) && !COMMON.contains(&name)) || matches!(name, "lipsum" | "popen" | "get_flashed_messages")
}

/// Whether a text has such a name in it, by itself or as a path.
pub(super) fn has_telling(text: &str) -> bool {
    has_internal(text) && text.split('.').any(is_telling)
}

/// Whether a text that is made or written is a name or path of names with an internal among them that nobody
/// speaks of without need.
pub(super) fn has_internal(text: &str) -> bool {
    text.len() < 512
        && text.contains("__")
        && text.chars().all(|c| c == '_' || c == '.' || c.is_alphanumeric())
        && text.split('.').any(|part| is_internal(part) && !COMMON.contains(&part))
}

/// A field of a format, as `{0.__class__}`, that reaches for an internal of what is put in.
pub(super) fn leading_field(format: &str) -> Option<String> {
    let fields = format.split('{').skip(1).map(|rest| rest.split('}').next().unwrap_or(rest));
    let leads = |field: &&str| field.split(['.', '[', ']']).skip(1).any(leads_out);
    fields.filter(|field| field.len() < 200).find(leads).map(|field| format!("{{{field}}}"))
}

/// Whether a format fills a field, begun by the given sign, to a width that no prompt has.
pub(super) fn has_wide_field(format: &str, sign: char) -> bool {
    /// Digits of such a width.
    const DIGITS: usize = 8;
    format.split(sign).skip(1).any(|rest| {
        let field = rest.split(['}', ' ', '\n']).next().unwrap_or(rest);
        field.split(|c: char| !c.is_ascii_digit()).any(|digits| digits.trim_start_matches('0').len() >= DIGITS)
    })
}

/// Whether an attribute leads out of a template: by its own name.
pub(super) fn leads_out(name: &str) -> bool {
    (name.len() > 4 && name.starts_with("__") && name.ends_with("__")) || LEADING.contains(&name)
}

/// Whether to call a function or method of that name runs something.
pub(super) fn runs(name: &str) -> bool {
    RUNNING.contains(&name)
}

/// Whether a name is an object that nobody needs the attributes of.
pub(super) fn is_road(name: &str) -> bool {
    ROADS.contains(&name)
}
