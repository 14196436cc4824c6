//! A cache that pipelines of every branch write and those of protected branches read.

use crate::diag::{Confidence, Severity};
use crate::rules::workflow::reach;
use crate::rules::{Reporter, Rule, Scene};
use crate::source::Place;

pub(super) static RULE: Rule = Rule {
    id: "unprotected-cache",
    title: "a cache is shared with unprotected branches",
    many: "{n} caches are shared with unprotected branches",
    severity: Severity::Low,
    since: "0.1",
    docs: include_str!("unprotected_cache.md"),
    check,
};

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let jobs = reach::gitlab(scene);
    for run in reach::runs(scene) {
        let Some((workflow, job)) = run.job() else { continue };
        let Some(whole) = jobs.find(workflow, job) else { continue };
        for cache in &whole.more.caches {
            let Some(span) = cache.unprotected else { continue };
            let is_weighty = run.impact().is_some();
            let place = Place::new(run.file, span);
            let draft = report
                .at(place, "every branch writes what this job reads")
                .severity(if is_weighty { Severity::High } else { Severity::Low })
                .confidence(Confidence::Medium)
                .about("job", job.id.value.clone(), None)
                .content(cache.key.as_ref().map_or("default", |key| key.value.as_str()))
                .evidence("GitLab keeps the caches of protected branches apart unless it is told otherwise")
                .advise("take `unprotect` out, so that protected branches have a cache of their own");
            let held = if is_weighty { run.held() } else { String::new() };
            run.route(scene, draft)
                .say(format!("the cache of job `{}` is shared with unprotected branches{held}", job.id.value));
        }
    }
}
