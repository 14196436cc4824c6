//! Tokens of known shape.

use super::MARK;

/// Beginnings of tokens, and how many characters must follow. Source: the vendors' documentation
/// of their token formats.
pub(super) const TOKENS: &[(&str, usize)] = &[
    ("ghp_", 20),
    ("gho_", 20),
    ("ghs_", 20),
    ("ghu_", 20),
    ("ghr_", 20),
    ("github_pat_", 20),
    ("glpat-", 16),
    ("gldt-", 16),
    ("glrt-", 16),
    ("glrtr-", 16),
    ("glcbt-", 16),
    ("glptt-", 16),
    ("glft-", 16),
    ("glimt-", 16),
    ("glagent-", 16),
    ("gloas-", 16),
    ("glsoat-", 16),
    ("glffct-", 16),
    ("GR1348941", 16),
    ("dckr_pat_", 16),
    ("dckr_oat_", 16),
    ("hf_", 20),
    ("api_org_", 20),
    ("pypi-", 24),
    ("npm_", 24),
    ("cio", 30),
    ("rubygems_", 24),
    ("sk-", 20),
    ("sk_live_", 16),
    ("rk_live_", 16),
    ("gsk_", 24),
    ("nvapi-", 24),
    ("pplx-", 24),
    ("xai-", 24),
    ("r8_", 30),
    ("tgp_v1_", 20),
    ("lsv2_pt_", 20),
    ("lsv2_sk_", 20),
    ("wandb_v1_", 20),
    ("sntrys_", 20),
    ("glsa_", 20),
    ("glc_", 24),
    ("dop_v1_", 24),
    ("pul-", 32),
    ("hvs.", 20),
    ("hvb.", 20),
    ("SG.", 30),
    ("ATATT3", 20),
    ("GOCSPX-", 16),
    ("ya29.", 20),
    ("xoxb-", 12),
    ("xoxp-", 12),
    ("xoxa-", 12),
    ("xoxr-", 12),
    ("xoxs-", 12),
    ("xapp-", 12),
    ("AKIA", 16),
    ("ASIA", 16),
    ("AIza", 24),
    ("ABSK", 40),
    // The heads of signed web tokens, by the key that stands first.
    ("eyJhbGci", 20),
    ("eyJ0eXAi", 20),
    ("eyJraWQi", 20),
];

/// Those of which what follows is letters and digits alone. Source: as above.
const PLAIN: &[&str] = &[
    "ghp_",
    "gho_",
    "ghu_",
    "ghr_",
    "hf_",
    "api_org_",
    "npm_",
    "cio",
    "rubygems_",
    "sk_live_",
    "rk_live_",
    "gsk_",
    "pplx-",
    "xai-",
    "r8_",
    "dop_v1_",
    "AKIA",
    "ASIA",
];

/// The text without tokens of known shape; none where it holds none.
pub(super) fn tokens(text: &str) -> Option<String> {
    let mut out = String::new();
    let (mut copied, mut at, mut fresh) = (0, 0, true);
    while let Some(byte) = text.as_bytes().get(at) {
        if fresh
            && may_begin(text.as_bytes(), at)
            && let Some((start, end)) = token_at(text, at)
        {
            out.push_str(&text[copied..at + start]);
            out.push_str(MARK);
            (copied, at) = (end, end);
            continue;
        }
        fresh = !(byte.is_ascii_alphanumeric() || *byte == b'_');
        at += 1;
    }
    if copied == 0 {
        return None;
    }
    out.push_str(&text[copied..]);
    Some(out)
}

/// The first two bytes of tokens: a bit for the second by the first. Nearly no word of a text begins as a token does.
const PAIRS: [u128; 128] = {
    let mut pairs = [0_u128; 128];
    let mut at = 0;
    while at < TOKENS.len() {
        let start = TOKENS[at].0.as_bytes();
        pairs[start[0] as usize] |= 1 << start[1];
        at += 1;
    }
    pairs
};

/// Whether two bytes are those that some token begins with.
fn may_begin(bytes: &[u8], at: usize) -> bool {
    let (Some(first), Some(second)) = (bytes.get(at), bytes.get(at + 1)) else { return false };
    second.is_ascii() && PAIRS.get(usize::from(*first)).is_some_and(|seconds| (seconds >> second) & 1 == 1)
}

/// How long the known beginning of a token that stands at a byte is, and where the token ends.
fn token_at(text: &str, at: usize) -> Option<(usize, usize)> {
    let first = *text.as_bytes().get(at)?;
    let mut known = TOKENS.iter().filter(|(start, _)| start.as_bytes().first() == Some(&first)).peekable();
    known.peek()?;
    let rest = text.get(at..)?;
    known.find_map(|(start, least)| {
        let tail = rest.strip_prefix(start)?;
        // Where nothing else can follow, a sign ends it: `hf_transfer-0.1.9-cp38-abi3.whl` is the name of a file.
        let is_plain = PLAIN.contains(start);
        let is_part = |c: char| c.is_ascii_alphanumeric() || (!is_plain && matches!(c, '_' | '-' | '.'));
        let length = tail.find(|c| !is_part(c)).unwrap_or(tail.len());
        let tail = tail.get(..length)?;
        let is_name = tail.contains(['_', '-', '.']) && tail.split(['_', '-', '.']).all(is_word);
        (length >= *least && !is_name).then_some((start.len(), at + start.len() + length))
    })
}

/// Whether part of a name is a word, a number or a word with a number, as in `attest-0.0.11-py3-none-any.whl`: what is
/// made by chance mixes them.
fn is_word(part: &str) -> bool {
    let bytes = part.as_bytes();
    let turns = bytes.windows(2).filter(|pair| pair[0].is_ascii_digit() != pair[1].is_ascii_digit()).count();
    let digits = bytes.iter().filter(|byte| byte.is_ascii_digit()).count();
    bytes.iter().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()) && turns <= 2 && digits <= 8
}
