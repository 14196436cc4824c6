use super::*;

fn part(kind: &str, key: &str, name: &str, version: Option<&str>) -> Part {
    Part {
        kind: kind.to_owned(),
        key: key.to_owned(),
        name: name.to_owned(),
        version: version.map(str::to_owned),
        spots: vec![Occurrence { path: format!("{key}.txt"), line: 3, how: None }],
        ..Part::default()
    }
}

fn tie(from: usize, kind: &str, to: usize, requirement: Option<&str>) -> Tie {
    Tie { from, to, kind: kind.to_owned(), requirement: requirement.map(str::to_owned), spots: Vec::new() }
}

fn net() -> Net {
    let parts = vec![
        part("job", "job", "test", None),
        part("step", "step", "step 1", None),
        part("manifest", "lock", "uv.lock", None),
        part("distribution", "held", "litellm", Some("1.82.7")),
        part("distribution", "open", "litellm", None),
        part("job", "after", "publish", None),
        part("manifest", "old", "requirements-old.txt", None),
        part("manifest", "new", "requirements.txt", None),
    ];
    let ties = vec![
        tie(0, "declares", 1, None),
        tie(1, "uses", 2, None),
        tie(3, "locked-by", 2, None),
        tie(5, "depends-on", 0, None),
        tie(6, "depends-on", 4, Some("<1.80")),
        tie(7, "depends-on", 4, Some(">=1.80")),
    ];
    Net::new(parts, ties)
}

#[test]
fn what_asks_for_it_is_told_apart() {
    let net = net();
    let hits = net.hits(&Asked::parse("pypi:litellm@1.82.7").unwrap());
    let shown: Vec<(Fit, usize, Option<usize>)> = hits.iter().map(|hit| (hit.fit, hit.part, hit.tie)).collect();
    assert_eq!(shown, [(Fit::Exact, 3, None), (Fit::Admits, 4, Some(5)), (Fit::Elsewhere, 4, Some(4))]);
}

#[test]
fn jobs_reach_it_by_the_lock_they_install() {
    let net = net();
    let hits = net.hits(&Asked::parse("pypi:litellm@1.82.7").unwrap());
    let reached = net.reached(&hits[..1]);
    let jobs: Vec<usize> = reached.of(&net, "job").collect();
    assert_eq!(jobs, [0], "the job that waits for it does not run it");
    assert_eq!(reached.way(&net, 0), ["job test of job.txt", "step 1 of step.txt", "uv.lock", "litellm 1.82.7"]);
    let open = net.reached(&hits[1..2]);
    assert_eq!(open.of(&net, "manifest").collect::<Vec<_>>(), [7], "what asks for less is not led to it");
}
