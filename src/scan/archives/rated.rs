//! How a global is rated that a configuration names: known for harm, or not.
//!
//! Configurations that make objects by name (hydra, skops, Keras, MLflow) reach what a pickle reaches.

use crate::scan::pickle;

/// Modules all of whose names reach the machine, code or other files.
const MODULES: &[&str] = &[
    "os",
    "posix",
    "nt",
    "ntpath",
    "posixpath",
    "sys",
    "subprocess",
    "_posixsubprocess",
    "pty",
    "shutil",
    "importlib",
    "runpy",
    "code",
    "codeop",
    "ctypes",
    "_ctypes",
    "cffi",
    "socket",
    "_socket",
    "ssl",
    "http",
    "urllib",
    "urllib2",
    "httplib",
    "urllib3",
    "requests",
    "httpx",
    "aiohttp",
    "ftplib",
    "telnetlib",
    "smtplib",
    "poplib",
    "imaplib",
    "webbrowser",
    "pickle",
    "_pickle",
    "cPickle",
    "dill",
    "cloudpickle",
    "marshal",
    "shelve",
    "multiprocessing",
    "threading",
    "_thread",
    "asyncio",
    "signal",
    "tempfile",
    "pathlib",
    "io",
    "_io",
    "glob",
    "commands",
    "popen2",
    "pip",
    "pydoc",
    "pdb",
    "bdb",
    "timeit",
    "cProfile",
    "profile",
    "trace",
    "doctest",
    "types",
    "inspect",
    "gc",
    "zipfile",
    "tarfile",
    "zipimport",
    "lib2to3",
    "distutils",
    "setuptools",
    "ensurepip",
    "venv",
    "site",
    "idlelib",
    "turtle",
    "pkgutil",
    "linecache",
    "fileinput",
    "mmap",
    "platform",
    "getpass",
    "pwd",
    "crypt",
    "resource",
    "sched",
    "logging.config",
    "logging.handlers",
    "xmlrpc",
    "socketserver",
    "wsgiref",
    "cgi",
    "sqlite3",
    "uuid",
    "antigravity",
    "builtins_",
    "fabric",
    "paramiko",
    "sh",
    "pexpect",
    "plumbum",
    "invoke",
    "jsonpickle",
    "yaml",
    "joblib",
    "numpy.f2py",
    "numpy.testing",
    "numpy.distutils",
    "numpy.ctypeslib",
    "torch.hub",
    "torch.utils.cpp_extension",
    "torch.package",
    "torch.serialization",
    "torch.distributed.rpc",
    "torch.utils.model_zoo",
    "hydra.utils",
    "hydra._internal",
    "IPython",
    "ptpython",
    "bpython",
    "jinja2",
    "mako",
    "wget",
    "gdown",
    "boto3",
    "smart_open",
    "fsspec",
    "git",
];
/// Single names that do the same in modules that have harmless ones too.
const NAMES: &[(&str, &str)] = &[
    ("numpy", "load"),
    ("numpy", "loadtxt"),
    ("numpy", "genfromtxt"),
    ("numpy", "fromfile"),
    ("numpy", "memmap"),
    ("numpy", "save"),
    ("numpy", "savez"),
    ("numpy", "savez_compressed"),
    ("numpy", "savetxt"),
    ("numpy", "fromregex"),
    ("torch", "load"),
    ("torch", "save"),
    ("torch", "compile"),
    ("torch.jit", "load"),
    ("torch.ops", "load_library"),
    ("torch.classes", "load_library"),
    ("torch._C", "import_ir_module"),
    ("pandas", "read_pickle"),
    ("pandas", "eval"),
    ("pandas", "read_csv"),
    ("pandas", "read_json"),
    ("pandas", "read_hdf"),
    ("tensorflow", "py_function"),
    ("tensorflow", "numpy_function"),
    ("tensorflow", "load_op_library"),
    ("tensorflow", "load_library"),
    ("tensorflow.io", "*"),
    ("tensorflow.saved_model", "load"),
    ("tensorflow.keras.models", "load_model"),
    ("tensorflow.keras.utils", "get_file"),
    ("tensorflow.raw_ops", "*"),
    ("tensorflow.python", "*"),
    ("functools", "partial"),
    ("functools", "reduce"),
    ("functools", "partialmethod"),
    ("operator", "attrgetter"),
    ("operator", "methodcaller"),
    ("operator", "itemgetter"),
    ("_operator", "attrgetter"),
    ("_operator", "methodcaller"),
    ("operator", "call"),
    ("hydra", "compose"),
    ("omegaconf.OmegaConf", "load"),
    ("pytorch_lightning.utilities", "cloud_io"),
    ("transformers", "pipeline"),
    ("scipy.io", "loadmat"),
    ("numpy.lib.npyio", "load"),
    ("sklearn.datasets", "load_files"),
    ("nemo.core.classes.common", "safe_instantiate_"),
];
/// Builtins that are data, and so harmless to make.
const BUILTINS: &[&str] = &[
    "dict",
    "list",
    "tuple",
    "set",
    "frozenset",
    "int",
    "float",
    "str",
    "bool",
    "bytes",
    "bytearray",
    "complex",
    "slice",
    "range",
    "object",
    "NoneType",
    "Ellipsis",
    "type",
    "map",
    "zip",
    "enumerate",
    "reversed",
    "abs",
    "min",
    "max",
    "sum",
    "len",
    "round",
    "sorted",
    "pow",
    "any",
    "all",
    "repr",
    "hash",
    "id",
    "divmod",
    "ord",
    "chr",
];
/// Builtins that reach code or the machine.
const BUILTIN_DANGERS: &[&str] = &[
    "eval",
    "exec",
    "execfile",
    "compile",
    "__import__",
    "open",
    "input",
    "raw_input",
    "getattr",
    "setattr",
    "delattr",
    "globals",
    "locals",
    "vars",
    "breakpoint",
    "apply",
    "file",
    "memoryview",
    "help",
    "exit",
    "quit",
    "__build_class__",
    "classmethod",
    "staticmethod",
    "property",
    "super",
    "callable",
    "print",
    "dir",
    "reload",
];

/// Whether the tables of pickles know a global for harmless when it is called.
pub(in crate::scan) fn is_allowed(module: &str, name: &str) -> bool {
    pickle::is_allowed(module, name)
}

/// Whether a global is known to reach the machine, code or other files.
pub(in crate::scan) fn is_dangerous(module: &str, name: &str) -> bool {
    let is_builtin = matches!(module, "builtins" | "__builtin__" | "__builtins__");
    is_dangerous_here(module, name) || (!is_builtin && pickle::is_dangerous(module, name))
}

/// The same by the lists of this file alone, for packages that a pickle has no use for and a configuration has.
fn is_dangerous_here(module: &str, name: &str) -> bool {
    if matches!(module, "builtins" | "__builtin__" | "__builtins__") {
        let first = name.split('.').next().unwrap_or(name);
        return BUILTIN_DANGERS.contains(&first) || name.contains("__");
    }
    let mut around = Some(module);
    while let Some(part) = around {
        if MODULES.contains(&part) || NAMES.iter().any(|(of, any)| *of == part && *any == "*") {
            return true;
        }
        around = part.rsplit_once('.').map(|(before, _)| before);
    }
    if NAMES.contains(&(module, name)) {
        return true;
    }
    // `torch.hub` with `load` is also `torch` with `hub.load`.
    let whole = format!("{module}.{name}");
    let is_inner = |part: &str| part.starts_with("__") && part.ends_with("__") && part != "__main__";
    MODULES.iter().any(|danger| whole.strip_prefix(danger).is_some_and(|rest| rest.starts_with('.')))
        || whole.split('.').any(is_inner)
}

/// The same of a path with dots in a package that models are made of, most of whose classes pickles have no use for.
pub(in crate::scan) fn is_dangerous_in_package(path: &str) -> bool {
    path.rsplit_once('.').is_some_and(|(module, name)| is_dangerous_here(module, name))
}

/// The same of a path with dots, `os.system`.
pub(in crate::scan) fn is_dangerous_path(path: &str) -> bool {
    path.rsplit_once('.').map_or_else(|| is_dangerous("builtins", path), |(module, name)| is_dangerous(module, name))
}

/// Whether a builtin is data.
pub(in crate::scan) fn is_plain_builtin(name: &str) -> bool {
    BUILTINS.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dangers_are_told_by_module_name_and_way_to_them() {
        for (path, expected) in [
            ("os.system", true),
            ("os.path.join", true),
            ("subprocess.Popen", true),
            ("builtins.eval", true),
            ("builtins.dict", false),
            ("torch.hub.load", true),
            ("torch.nn.Linear", false),
            ("torch.optim.AdamW", false),
            ("numpy.load", true),
            ("numpy.ndarray", false),
            ("ossaudio.x", false),
            ("nemo.a.os.system", false),
            ("a.__class__.b", true),
            ("eval", true),
        ] {
            assert_eq!(is_dangerous_path(path), expected, "{path}");
        }
    }
}
