//! Modules whose names are not those of their distributions, as far as people mix them up. Left out are
//! names under which PyPI has something that is often meant as well (`jwt`, `jose`, `multipart`).

/// What PyPI has under the name of a module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Behind {
    /// Another project, or one of that name that was given up.
    Other,
    /// Nothing, when it was last looked up.
    Nothing,
    /// A stand-in that asks for the right one.
    StandIn,
    /// A stand-in that fails with a word of advice.
    Refused,
    /// The module is part of Python.
    Library,
}

/// A module.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Module {
    /// Its name, as PEP 503 writes a distribution's.
    pub(super) name: &'static str,
    /// The distribution that has it; none of Python's own.
    pub(super) distribution: &'static str,
    /// What is behind the name.
    pub(super) behind: Behind,
}

const fn module(name: &'static str, distribution: &'static str, behind: Behind) -> Module {
    Module { name, distribution, behind }
}

/// In byte order. What PyPI had under them was looked up in November 2026.
pub(super) static MODULES: &[Module] = &[
    module("argparse", "", Behind::Library),
    module("asyncio", "", Behind::Library),
    module("beautifulsoup", "beautifulsoup4", Behind::Other),
    module("bs4", "beautifulsoup4", Behind::StandIn),
    module("crypto", "pycryptodome", Behind::Other),
    module("cv2", "opencv-python", Behind::Nothing),
    module("dateutil", "python-dateutil", Behind::Nothing),
    module("docx", "python-docx", Behind::Other),
    module("dotenv", "python-dotenv", Behind::StandIn),
    module("enum", "", Behind::Library),
    module("ffmpeg", "ffmpeg-python", Behind::Other),
    module("fitz", "pymupdf", Behind::Other),
    module("hashlib", "", Behind::Library),
    module("logging", "", Behind::Library),
    module("multiprocessing", "", Behind::Library),
    module("pathlib", "", Behind::Library),
    module("pil", "pillow", Behind::Other),
    module("pytorch", "torch", Behind::Refused),
    module("skimage", "scikit-image", Behind::StandIn),
    module("sklearn", "scikit-learn", Behind::Refused),
    module("typing", "", Behind::Library),
    module("uuid", "", Behind::Library),
    module("whisper", "openai-whisper", Behind::Other),
    module("yaml", "pyyaml", Behind::Nothing),
    module("zmq", "pyzmq", Behind::StandIn),
];

/// The module of a normalised name.
pub(super) fn find(name: &str) -> Option<&'static Module> {
    MODULES.binary_search_by(|module| module.name.cmp(name)).ok().and_then(|at| MODULES.get(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order_and_knows_the_obvious() {
        assert!(MODULES.iter().map(|m| m.name).is_sorted());
        assert_eq!(find("sklearn").map(|m| m.distribution), Some("scikit-learn"));
        assert!(find("scikit-learn").is_none());
        assert!(MODULES.iter().all(|m| (m.behind == Behind::Library) == m.distribution.is_empty()));
    }
}
