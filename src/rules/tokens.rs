//! How tokens of known services are written. Shared by rules that tell of tokens in files; what reports hide is
//! wider, since hiding too much harms nobody. Source: the documentation of the services that hand them out.

/// The form of a token.
#[derive(Debug)]
pub(super) struct Shape {
    /// Its beginning.
    pub(super) start: &'static str,
    /// Characters behind it where a name or a place says that a secret is meant.
    pub(super) likely: usize,
    /// Characters behind it where nothing else says so; none where the beginning is too common.
    pub(super) sure: Option<usize>,
    /// Who hands it out.
    pub(super) owner: &'static str,
}

const fn shape(start: &'static str, likely: usize, sure: Option<usize>, owner: &'static str) -> Shape {
    Shape { start, likely, sure, owner }
}

/// All of them. A beginning stands before longer ones that begin with it.
pub(super) const SHAPES: &[Shape] = &[
    shape("AIza", 24, Some(35), "Google"),
    shape("AKIA", 16, Some(16), "AWS"),
    shape("dckr_pat_", 24, Some(24), "Docker Hub"),
    shape("ghp_", 20, Some(36), "GitHub"),
    shape("gho_", 20, Some(36), "GitHub"),
    shape("ghs_", 20, Some(36), "GitHub"),
    shape("ghu_", 20, Some(36), "GitHub"),
    shape("github_pat_", 20, Some(60), "GitHub"),
    shape("gldt-", 20, Some(20), "GitLab"),
    shape("glpat-", 16, Some(20), "GitLab"),
    shape("glrt-", 20, Some(20), "GitLab"),
    shape("hf_", 20, Some(34), "Hugging Face"),
    shape("npm_", 24, Some(36), "npm"),
    shape("pypi-", 24, None, "PyPI"),
    shape("pypi-AgEI", 24, Some(60), "PyPI"),
    shape("sk-", 20, None, "a model's service"),
    shape("sk-ant-", 20, Some(60), "Anthropic"),
    shape("sk-proj-", 20, Some(60), "OpenAI"),
    shape("xoxb-", 12, Some(40), "Slack"),
    shape("xoxp-", 12, Some(40), "Slack"),
];
