//! Docker in Docker without TLS.

use std::collections::BTreeMap;

use crate::diag::{Confidence, Severity};
use crate::graph::kinds::workflow::{Pair, Service};
use crate::rules::{Reporter, Rule, Scene};
use crate::source::{FileId, Place};

pub(super) static RULE: Rule = Rule {
    id: "open-docker-daemon",
    title: "the daemon of docker takes orders without TLS",
    many: "{n} daemons of docker take orders without TLS",
    severity: Severity::Low,
    since: "0.1",
    docs: include_str!("open_docker_daemon.md"),
    check,
};

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let mut found: BTreeMap<FileId, Vec<Place>> = BTreeMap::new();
    for workflow in scene.pipelines().filter(|workflow| workflow.service == Service::GitLab) {
        let is_used = workflow.jobs.iter().flat_map(|job| &job.images).any(|i| i.reference.value.contains("dind"));
        if !is_used {
            continue;
        }
        let all = workflow.jobs.iter().flat_map(|job| &job.env).chain(&workflow.env);
        let places = all.filter(|pair| opens(pair)).map(|(name, _)| Place::new(workflow.file, name.span));
        let places: Vec<Place> = places.collect();
        if !places.is_empty() {
            found.insert(workflow.file, places);
        }
    }
    for places in found.values() {
        let Some(&first) = places.iter().min() else { continue };
        report
            .at(first, "no certificate is asked for")
            .confidence(Confidence::Medium)
            .also(places.iter().copied())
            .about("service", "docker", None)
            .content("docker")
            .evidence("whatever shares the job's network gives the daemon orders, and it runs privileged")
            .advise("let docker make certificates and use them: DOCKER_TLS_CERTDIR: \"/certs\", DOCKER_HOST: tcp://docker:2376")
            .say("docker's daemon beside the job takes orders without TLS");
    }
}

fn opens((name, value): &Pair) -> bool {
    match name.value.as_str() {
        "DOCKER_TLS_CERTDIR" => value.value.trim().is_empty(),
        "DOCKER_HOST" => value.value.trim_end_matches('/').ends_with(":2375"),
        _ => false,
    }
}
