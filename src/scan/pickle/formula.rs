//! Texts in a state that a class runs, and which of them are what the framework itself writes.

/// Functions of formulas that only compute.
const FUNCTIONS: &[&str] = &[
    "C",
    "I",
    "np.log",
    "np.exp",
    "np.sqrt",
    "np.log10",
    "np.log1p",
    "np.log2",
    "np.abs",
    "np.power",
    "np.sin",
    "np.cos",
    "log",
    "exp",
    "sqrt",
    "bs",
    "cr",
    "cc",
    "te",
    "scale",
    "center",
    "standardize",
    "Treatment",
    "Sum",
    "Poly",
    "Helmert",
    "Diff",
];

/// Whether a text is what scipy makes of the parameters of a distribution: three functions that give them back.
pub(super) fn is_of_scipy(text: &str) -> bool {
    let Some(arguments) = text.split_once("(self, ").and_then(|(_, rest)| rest.split_once(" loc=0")).map(|(a, _)| a)
    else {
        return false;
    };
    let is_name = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
    };
    let are_names =
        arguments.is_empty() || arguments.strip_suffix(", ").is_some_and(|names| names.split(", ").all(is_name));
    are_names
        && [("loc=0, scale=1", "loc, scale"), ("loc=0", "loc, 1")].iter().any(|(taken, given)| {
            let a = arguments;
            let expected = format!(
                "def _parse_args(self, {a} {taken}):\n    return ({a}), {given}\n\n\
                 def _parse_args_rvs(self, {a} {taken}, size=None):\n    \
                 return self._argcheck_rvs({a} {given}, size=size)\n\n\
                 def _parse_args_stats(self, {a} {taken}, moments='mv'):\n    return ({a}), {given}, moments"
            );
            text.trim_matches('\n') == expected
        })
}

/// Whether a formula of patsy has only names, numbers, signs and functions that compute.
pub(super) fn is_plain(text: &str) -> bool {
    let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
    let are_plain = text.chars().all(|c| is_word(c) || " +-*:~(),/\n".contains(c));
    let mut word = String::new();
    for character in text.chars() {
        if is_word(character) {
            word.push(character);
            continue;
        }
        let is_known = word.is_empty() || FUNCTIONS.contains(&word.as_str());
        if character == '(' && !is_known {
            return false;
        }
        if character != ' ' || !word.is_empty() {
            // A blank between a name and its bracket hides no call.
            word.clear();
        }
    }
    are_plain && !text.contains("__") && !has_call_behind_blank(text)
}

/// Whether a name, a blank and a bracket stand in a row.
fn has_call_behind_blank(text: &str) -> bool {
    text.match_indices('(').any(|(at, _)| {
        let before = &text[..at];
        before.ends_with([' ', '\n', ')'])
            && before.trim_end().ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ')')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_template_of_scipy_is_its_template() {
        let of = |a: &str, taken: &str, given: &str| {
            format!(
                "\ndef _parse_args(self, {a} {taken}):\n    return ({a}), {given}\n\ndef _parse_args_rvs(self, {a} {taken}, size=None):\n    return self._argcheck_rvs({a} {given}, size=size)\n\ndef _parse_args_stats(self, {a} {taken}, moments='mv'):\n    return ({a}), {given}, moments\n"
            )
        };
        assert!(is_of_scipy(&of("", "loc=0, scale=1", "loc, scale")));
        assert!(is_of_scipy(&of("a, b, ", "loc=0, scale=1", "loc, scale")));
        assert!(is_of_scipy(&of("mu, ", "loc=0", "loc, 1")));
        assert!(!is_of_scipy(&of("a=eval('1'), ", "loc=0", "loc, 1")));
        assert!(!is_of_scipy(&of("a, ", "loc=0", "loc, print(1)")));
        assert!(!is_of_scipy(&format!("{}import os\n", of("a, ", "loc=0", "loc, 1"))));
        assert!(!is_of_scipy("import os"));
    }

    #[test]
    fn formulas_are_names_and_known_functions() {
        for text in ["y ~ x1 + x2", "y ~ C(a):b - 1", "np.log(y) ~ x * (a + b)", "y ~ C(region, Treatment) + x"] {
            assert!(is_plain(text), "{text}");
        }
        for text in ["y ~ __import__('os')", "y ~ eval(x)", "y ~ eval (x)", "y ~ x.system(a)", "y ~ a[0]", "y ~ (a)(b)"]
        {
            assert!(!is_plain(text), "{text}");
        }
    }
}
