//! Words that a program has and a value of metadata has not.

/// Words of Python, Java, R and shells that call, load or start something.
const WORDS: &[&str] = &[
    "__import__(",
    "__builtins__",
    "__subclasses__",
    "__globals__",
    "os.system(",
    "os.popen(",
    "os.exec",
    "subprocess.",
    "pty.spawn",
    "importlib.",
    "eval(",
    "exec(",
    "compile(",
    "marshal.loads",
    "pickle.loads",
    "socket.socket",
    "Runtime.getRuntime",
    "ProcessBuilder",
    "ScriptEngine",
    "java.lang.",
    "javax.script",
    "javax.naming",
    "jndi:",
    "System.exit",
    "system(",
    "<script",
    "javascript:",
    "powershell",
    "/bin/sh",
    "/bin/bash",
    "cmd.exe",
];

/// The first word of a program in a text, if there is one that stands by itself.
pub(super) fn code_words(text: &str) -> Option<&'static str> {
    WORDS.iter().copied().find(|word| {
        text.match_indices(word).any(|(at, _)| {
            // `model.eval(` and `retrieval(` are no calls of `eval`.
            let before = text[..at].chars().next_back();
            !word.starts_with(|c: char| c.is_ascii_alphabetic())
                || !before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '.')
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_told_from_values() {
        for text in [
            "__import__('os').system('x')",
            "x = eval(y)",
            "Runtime.getRuntime().exec(\"a\")",
            "import os; os.system('id')",
        ] {
            assert!(code_words(text).is_some(), "{text}");
        }
        for text in [
            "{0: 'person', 1: 'bicycle'}",
            "PMMLPipeline(steps=[('a', Tree())])",
            "model.eval()",
            "retrieval(x)",
            "ecosystem (x)",
        ] {
            assert_eq!(code_words(text), None, "{text}");
        }
    }
}
