//! What people say on a pull request about its gate: by labels, and by a flag of the workflow.
//!
//! On GitHub a label needs the right to triage, which the author of a fork does not have. Who put one there is not
//! known from the labels, and an author with that right can put it there too: who must not agree to their own
//! change is what a ruleset with required reviews is for. A label speaks of what was there when it was put. Only the
//! run that its putting sets off knows that nothing was pushed since: a later one, such as that of a pull request that
//! is closed and opened again, sees the label and not its age.

/// The label by which somebody agrees to what a pull request excuses, where the policy names no other.
pub const APPROVAL_LABEL: &str = "custody-approved";
/// The label that forces a gate open, where the policy names no other.
pub const BREAK_GLASS_LABEL: &str = "custody-break-glass";
/// How the line of a pull request's text begins that says why.
pub const REASON_LINE: &str = "custody-break-glass:";

/// What is known of a pull request when a gate is judged.
#[derive(Debug, Clone, Copy, Default)]
pub struct Talk<'a> {
    /// Its labels; none where they are not known.
    pub labels: Option<&'a [String]>,
    /// What set the run off, in the service's word: `opened`, `synchronize`, `labeled`.
    pub action: Option<&'a str>,
    /// The label that was put or taken off, where that set the run off.
    pub moved: Option<&'a str>,
    /// Whether it comes from another repository.
    pub is_fork: bool,
    /// Its number.
    pub number: Option<u64>,
    /// Its text.
    pub text: Option<&'a str>,
}

/// Somebody's word, or why it does not count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Word {
    /// Nobody said anything.
    None,
    /// It counts.
    Given {
        /// Who or what: `label custody-approved on pull request 12`.
        by: String,
        /// Why, in their words; empty for an approval.
        reason: String,
    },
    /// It does not, in a sentence.
    Refused(String),
}

/// Whether somebody agrees to what a pull request brings to excuse findings.
#[must_use]
pub fn approval(talk: &Talk<'_>, label: Option<&str>) -> Word {
    let label = label.unwrap_or(APPROVAL_LABEL);
    if !talk.has(label) {
        return Word::None;
    }
    match talk.outdated(label) {
        Some(why) => Word::Refused(why),
        None => Word::Given { by: talk.by(label), reason: String::new() },
    }
}

/// Whether somebody forces the gate open: the flag with its reason before the label with that of the text.
#[must_use]
pub fn break_glass(talk: &Talk<'_>, label: Option<&str>, flag: Option<&str>) -> Word {
    if let Some(reason) = flag {
        let reason = one_line(reason);
        if talk.is_fork {
            let why = "`--break-glass` counts for nothing in a pull request of a fork: the workflow that gives it is \
                       the fork's own; the label counts";
            return Word::Refused(why.to_owned());
        }
        if reason.is_empty() {
            return Word::Refused("`--break-glass` wants a reason".to_owned());
        }
        return Word::Given { by: "--break-glass".to_owned(), reason };
    }
    let label = label.unwrap_or(BREAK_GLASS_LABEL);
    if !talk.has(label) {
        return Word::None;
    }
    if let Some(why) = talk.outdated(label) {
        return Word::Refused(why);
    }
    let reason = talk.text.unwrap_or_default().lines().find_map(|line| {
        let line = line.trim();
        let start = line.get(..REASON_LINE.len())?;
        start.eq_ignore_ascii_case(REASON_LINE).then(|| one_line(line.get(REASON_LINE.len()..).unwrap_or_default()))
    });
    match reason.filter(|reason| !reason.is_empty()) {
        Some(reason) => Word::Given { by: talk.by(label), reason },
        None => Word::Refused(format!(
            "label {label} counts once the text of the pull request says why, in a line `{REASON_LINE} ...`"
        )),
    }
}

impl Talk<'_> {
    fn has(&self, label: &str) -> bool {
        // GitHub and GitLab take labels that differ in case for the same.
        !label.is_empty() && self.labels.unwrap_or_default().iter().any(|l| l.eq_ignore_ascii_case(label))
    }

    fn by(&self, label: &str) -> String {
        match self.number {
            Some(number) => format!("label {label} on pull request {number}"),
            None => format!("label {label}"),
        }
    }

    /// Why a label that is there may speak of an older state.
    fn outdated(&self, label: &str) -> Option<String> {
        let again = "look at what is there, take the label off and put it on again";
        match self.action {
            Some("opened") => None,
            Some("labeled") if self.moved.is_some_and(|moved| moved.eq_ignore_ascii_case(label)) => None,
            Some("synchronize") => Some(format!("label {label} was put before the last push: {again}")),
            Some(_) => Some(format!("label {label} may have been put before the last push: {again}")),
            // A service that tells nothing of it. Members could put the label there themselves.
            None if self.is_fork => Some(format!(
                "label {label} counts for nothing here: nothing tells whether the fork was pushed to since"
            )),
            None => None,
        }
    }
}

/// A text of strangers on one line, not too long.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(300).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(by: &str, reason: &str) -> Word {
        Word::Given { by: by.to_owned(), reason: reason.to_owned() }
    }

    #[test]
    fn who_agrees() {
        let labels = ["bug".to_owned(), "Custody-Approved".to_owned(), "risk-ok".to_owned()];
        let own = Some("custody-approved");
        let talk =
            Talk { labels: Some(&labels), action: Some("labeled"), moved: own, number: Some(12), ..Talk::default() };
        assert_eq!(approval(&talk, None), given("label custody-approved on pull request 12", ""));
        let opened = Talk { action: Some("opened"), moved: None, ..talk };
        assert_eq!(approval(&opened, Some("risk-ok")), given("label risk-ok on pull request 12", ""));
        assert_eq!(approval(&Talk { is_fork: true, ..talk }, None), approval(&talk, None));
        // Where nothing is told of what set the run off, strangers could have pushed since.
        let silent = Talk { action: None, moved: None, ..talk };
        assert_eq!(approval(&silent, None), approval(&talk, None));
        let strange = approval(&Talk { is_fork: true, ..silent }, None);
        assert!(matches!(&strange, Word::Refused(why) if why.contains("pushed to since")), "{strange:?}");
        assert_eq!(approval(&talk, Some("other")), Word::None);
        assert_eq!(approval(&talk, Some("")), Word::None);
        assert_eq!(approval(&Talk { labels: None, ..talk }, None), Word::None);
        let pushed = approval(&Talk { action: Some("synchronize"), ..talk }, None);
        assert!(matches!(&pushed, Word::Refused(why) if why.contains("was put before the last push")), "{pushed:?}");
        // A label stays through a push; what comes after that tells nothing of when it was put.
        for (action, moved) in
            [("reopened", None), ("edited", None), ("labeled", Some("size/M")), ("unlabeled", own), ("submitted", None)]
        {
            let later = approval(&Talk { action: Some(action), moved, ..talk }, None);
            assert!(matches!(&later, Word::Refused(why) if why.contains("may have been put before")), "{later:?}");
        }
    }

    #[test]
    fn what_anybody_sets_off_after_a_push_makes_no_label_newer() {
        let labels = ["custody-approved".to_owned()];
        let talk = Talk { labels: Some(&labels), ..Talk::default() };
        for (action, put, counts) in [
            (None, None, true),
            (Some("opened"), None, true),
            (Some("labeled"), Some("Custody-Approved"), true),
            (Some("labeled"), Some("size/large"), false),
            (Some("labeled"), None, false),
            (Some("unlabeled"), Some("custody-approved"), false),
            (Some("reopened"), None, false),
            (Some("edited"), None, false),
            (Some("submitted"), None, false),
            (Some("ready_for_review"), None, false),
        ] {
            let word = approval(&Talk { action, moved: put, ..talk }, None);
            assert_eq!(matches!(word, Word::Given { .. }), counts, "{action:?} {put:?} {word:?}");
        }
    }

    #[test]
    fn who_breaks_the_glass() {
        let labels = ["custody-break-glass".to_owned()];
        let text = "Fixes it.\r\n\r\n Custody-Break-Glass:  outage\t12 \r\n";
        let talk = Talk { labels: Some(&labels), number: Some(7), text: Some(text), ..Talk::default() };
        assert_eq!(break_glass(&talk, None, None), given("label custody-break-glass on pull request 7", "outage 12"));
        assert_eq!(break_glass(&Talk::default(), None, None), Word::None);
        assert_eq!(break_glass(&Talk::default(), None, Some(" an\noutage ")), given("--break-glass", "an outage"));
        for (talk, flag, told) in [
            (Talk { text: None, ..talk }, None, "says why"),
            (Talk { text: Some("custody-break-glass:  "), ..talk }, None, "says why"),
            (Talk { text: Some("custody-break-glas\u{df}: x"), ..talk }, None, "says why"),
            (Talk { action: Some("synchronize"), ..talk }, None, "before the last push"),
            (talk, Some(" "), "wants a reason"),
            (Talk { is_fork: true, ..talk }, Some("outage"), "of a fork"),
        ] {
            let word = break_glass(&talk, None, flag);
            assert!(matches!(&word, Word::Refused(why) if why.contains(told)), "{word:?}");
        }
    }
}
