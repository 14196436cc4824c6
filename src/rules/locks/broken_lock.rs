//! Entries of a lock that lost a line or say two things.

use crate::diag::Severity;
use crate::lock::Mistake;
use crate::lock::Subject;
use crate::rules::Reporter;
use crate::rules::Rule;
use crate::rules::Scene;
use crate::source::FileId;
use crate::source::Place;

pub(super) static RULE: Rule = Rule {
    id: "broken-lock",
    title: "an entry of custody.lock contradicts itself",
    many: "{n} entries of custody.lock contradict themselves",
    severity: Severity::Medium,
    since: "0.1",
    docs: include_str!("broken_lock.md"),
    check,
};

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    for at in 0..scene.assets.locks.len() {
        let Some(lock) = scene.assets.lock(scene.documents, at) else { continue };
        for (subject, mistake) in &lock.read.broken {
            say(report, lock.file, subject, mistake);
        }
    }
}

fn say(report: &mut Reporter<'_>, file: FileId, subject: &Subject, mistake: &Mistake) {
    let what = match subject {
        Subject::Entry(key) => key.kind.word(),
        Subject::Image(_) => "image",
        Subject::Tool(_) => "tool",
        Subject::Elsewhere(_) => "lock",
    };
    let (why, todo) = mistake.message.split_once("; ").unwrap_or((&mistake.message, ""));
    let mut draft = report
        .at(Place::new(file, mistake.span), "here")
        .about(what, subject.to_string(), None)
        .content(format!("{what} {subject} {why}"))
        .evidence("until it is locked anew nothing that the entry says is relied on");
    if !todo.is_empty() {
        draft = draft.advise(todo);
    }
    draft.say(why);
}
