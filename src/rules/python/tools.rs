//! Distributions that build, test or look at code, and what installs them: they are in an image or a job, and
//! no part of what runs there when the work is done.

/// What installs everything else. The newest of them is what their manuals ask for.
pub(crate) const INSTALLERS: &[&str] = &["pip", "setuptools", "uv", "wheel"];

/// Tools that build, test or look at code and do not end up in it.
pub(crate) const TOOLS: &[&str] = &[
    "auditwheel",
    "bandit",
    "black",
    "build",
    "cargo-zigbuild",
    "cibuildwheel",
    "cmake",
    "codespell",
    "coverage",
    "cython",
    "delvewheel",
    "flake8",
    "flit",
    "grpcio-tools",
    "hatch",
    "hatchling",
    "isort",
    "maturin",
    "mypy",
    "mypy-protobuf",
    "ninja",
    "nox",
    "packaging",
    "pdm",
    "pip-audit",
    "pip-tools",
    "pipenv",
    "pipx",
    "poetry",
    "pre-commit",
    "prek",
    "pylint",
    "pyright",
    "pybind11",
    "pytest",
    "pytest-asyncio",
    "pytest-cov",
    "pytest-timeout",
    "pytest-xdist",
    "ruff",
    "scikit-build-core",
    "setuptools-rust",
    "setuptools-scm",
    "tox",
    "tox-uv",
    "twine",
    "types-setuptools",
    "virtualenv",
    "yamllint",
];

/// Whether a distribution is one of them, by its normalised name.
pub(crate) fn is_tool(name: &str) -> bool {
    INSTALLERS.contains(&name) || TOOLS.contains(&name)
}
