//! A model or data set that is taken from a hub at whatever its main branch holds.

use std::collections::{BTreeMap, BTreeSet};

use super::clones::{At, at};
use super::download::{self, Fixity};
use crate::commands::{Act, ActKind, Brought, Output, UrlText};
use crate::diag::{Confidence, Impact, Severity};
use crate::graph::kinds::workflow::Script;
use crate::rules::workflow::reach::{self, Run};
use crate::rules::{Reporter, Rule, Scene};
use crate::source::Place;

pub(super) static RULE: Rule = Rule {
    id: "unpinned-hub-download",
    title: "a model comes from a hub at no revision",
    many: "{n} models or data sets come from hubs at no revision",
    severity: Severity::Low,
    since: "0.1",
    docs: include_str!("unpinned_hub_download.md"),
    check,
};

/// Hosts of hubs, and the part of a path behind which the revision stands.
const HUBS: &[(&str, &str)] = &[
    ("huggingface.co", "/resolve/"),
    ("hf.co", "/resolve/"),
    ("hf-mirror.com", "/resolve/"),
    ("modelscope.cn", "/resolve/"),
];

/// Something taken from a hub.
struct Taken {
    name: String,
    /// The program or call, as a fixed name.
    by: &'static str,
    revision: Option<String>,
    what: Brought,
    runs_code: bool,
    is_known: bool,
}

struct Found<'a, 'r> {
    place: Place,
    run: &'r Run<'a>,
    step: String,
    taken: Taken,
}

/// Names of what this rule tells, in lower case: other rules on the same thing leave it to this one.
pub(in crate::rules) fn told(scene: &Scene<'_>) -> BTreeSet<String> {
    found(scene).into_values().flatten().map(|one| one.taken.name.to_ascii_lowercase()).collect()
}

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    for places in found(scene).values() {
        say(scene, report, places);
    }
}

fn found<'a, 'r>(scene: &'r Scene<'a>) -> BTreeMap<String, Vec<Found<'a, 'r>>> {
    let mut found: BTreeMap<String, Vec<Found<'_, '_>>> = BTreeMap::new();
    for run in reach::all_runs(scene) {
        for piece in run.scripts() {
            for act in &piece.script.acts {
                let Some(taken) = taken(piece.script, act).filter(is_open) else { continue };
                // What people name when they run it may as well be a folder of theirs.
                if !taken.is_known && run.is_by_hand() {
                    continue;
                }
                let place = Place::new(run.file, piece.script.text.host_span(act.range.clone()));
                // Catalogues are fetched from item by item; one finding speaks for them.
                let key = match taken.by {
                    "nltk.download" | "nltk.downloader" | "spacy download" => taken.by.to_owned(),
                    _ => taken.name.to_ascii_lowercase(),
                };
                let places = found.entry(key).or_default();
                if !places.iter().any(|f| f.place == place) {
                    places.push(Found { place, run, step: piece.title(), taken });
                }
            }
        }
    }
    found
}

/// What an act takes from a hub: by its program, as a clone, by its address.
fn taken(script: &Script, act: &Act) -> Option<Taken> {
    match &act.kind {
        ActKind::HubDownload { by, name, revision, what, runs_code, .. } => Some(Taken {
            name: name.text.clone(),
            by,
            revision: revision.clone(),
            what: *what,
            runs_code: *runs_code,
            is_known: name.known,
        }),
        ActKind::Clone { url, reference, .. } => {
            let (path, _) = of_hub(url)?;
            let name = path.trim_end_matches('/').trim_end_matches(".git");
            // A program of the hub (a space) is code like any other clone.
            if name.starts_with("spaces/") {
                return None;
            }
            let what = if name.starts_with("datasets/") { Brought::DataSet } else { Brought::Model };
            let gone = gone_to(script, act.command);
            Some(Taken {
                name: name.trim_start_matches("datasets/").to_owned(),
                by: "git clone",
                revision: gone.or_else(|| reference.clone()),
                what,
                runs_code: false,
                is_known: url.known,
            })
        }
        ActKind::Fetch { url, to, .. } if of_hub(url).is_none() => weights(script, act, url, to),
        ActKind::Fetch { url, .. } => {
            let (path, mark) = of_hub(url)?;
            let (name, rest) = path.split_once(mark)?;
            let (revision, file) = rest.split_once('/')?;
            let data = name.starts_with("datasets/");
            let ends = |end: &&str| file.ends_with(*end) && !file.contains("ggml");
            let what = match (data, [".bin", ".pt", ".pth", ".ckpt", ".pkl", ".joblib"].iter().any(ends)) {
                (true, _) => Brought::DataSet,
                (_, true) => Brought::Pickle,
                _ => Brought::Model,
            };
            Some(Taken {
                name: name.trim_start_matches("datasets/").to_owned(),
                by: "an address",
                revision: Some(revision.to_owned()),
                what,
                runs_code: false,
                is_known: !name.contains('$'),
            })
        }
        _ => None,
    }
}

/// Files that hold a model's weights or its tokenizer, whoever serves them.
const WEIGHTS: &[&str] = &[".safetensors", ".gguf", ".ckpt", ".pth", ".pt", ".onnx", ".tflite", "tokenizer.model"];
/// Those of them that run code when they are read.
const PICKLES: &[&str] = &[".ckpt", ".pth", ".pt"];
/// What takes them, as a fixed name.
const BY_FILE: &str = "a file's address";

/// Weights that are fetched by their address from elsewhere than a hub, where nothing of the script compares them.
fn weights(script: &Script, act: &Act, url: &UrlText, to: &Output) -> Option<Taken> {
    let path = url.text.split(['?', '#']).next().unwrap_or("");
    let name = path.rsplit('/').next().filter(|_| path.contains("://"))?;
    let is_one = |ends: &[&str]| ends.iter().any(|end| name.ends_with(end));
    let kept = !matches!(to, Output::Nowhere | Output::Unknown);
    let compared = || script.acts.iter().any(|a| a.command > act.command && matches!(a.kind, ActKind::Verify { .. }));
    if !kept || url.local || download::fixity(url) == Fixity::Content || !is_one(WEIGHTS) || compared() {
        return None;
    }
    Some(Taken {
        name: name.to_owned(),
        by: BY_FILE,
        revision: None,
        what: if is_one(PICKLES) { Brought::Pickle } else { Brought::Model },
        runs_code: false,
        is_known: !name.contains('$'),
    })
}

/// The path of an address of a hub.
fn of_hub(url: &UrlText) -> Option<(&str, &'static str)> {
    let rest = url.text.split_once("://").map(|(_, rest)| rest).or_else(|| {
        let rest = url.text.strip_prefix("git@")?;
        Some(rest)
    })?;
    let (host, path) = rest.split_once(['/', ':'])?;
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host).trim_start_matches("www.");
    let hub = HUBS.iter().find(|(known, _)| *known == host)?;
    (!path.starts_with("api/")).then_some((path, hub.1))
}

/// The commit that a later command of the script goes to.
fn gone_to(script: &Script, command: usize) -> Option<String> {
    let later = script.acts.iter().filter(|a| a.command > command);
    let gone = later.take_while(|a| !matches!(a.kind, ActKind::Clone { .. })).find_map(|a| match &a.kind {
        ActKind::Checkout { reference, .. } => Some(reference.clone()),
        _ => None,
    });
    gone.filter(|reference| at(reference) == At::Commit)
}

/// Whether what it stands at can move.
fn is_open(taken: &Taken) -> bool {
    let named = taken.revision.as_deref().map(at);
    let fixed = match taken.by {
        // The only name of a model there that cannot move.
        "ollama pull" => taken.name.contains("@sha256:"),
        "kaggle download" => taken.revision.is_some(),
        "spacy download" | BY_FILE => false,
        _ => named == Some(At::Commit),
    };
    // A folder of this machine, or a variable that holds one.
    let local = taken.name.starts_with(['/', '.', '~']) || (taken.by != BY_FILE && taken.name.ends_with(".gguf"));
    let folder =
        ["path", "dir"].iter().any(|word| taken.name.contains('$') && taken.name.to_ascii_lowercase().contains(word));
    !fixed && !local && !folder && !taken.name.is_empty()
}

fn say(scene: &Scene<'_>, report: &mut Reporter<'_>, found: &[Found<'_, '_>]) {
    let rank = |f: &Found<'_, '_>| (weigh(f), f.run.weight());
    let Some(main) = found.iter().reduce(|best, next| if rank(next) > rank(best) { next } else { best }) else {
        return;
    };
    let (severity, impact) = weigh(main);
    let taken = &main.taken;
    let held = if severity >= Severity::Medium { main.run.held() } else { String::new() };
    let shown = download::shown(&UrlText::new(taken.name.clone(), true));
    let at = match taken.revision.as_deref() {
        Some(name) if taken.by != "kaggle download" => format!("at `{name}`"),
        _ => "at no revision".to_owned(),
    };
    let kind = match taken.what {
        Brought::DataSet => "data set",
        Brought::Package => "package",
        Brought::Model | Brought::Pickle => "model",
    };
    let confidence = if taken.is_known { Confidence::High } else { Confidence::Low };
    let mut draft = report
        .at(main.place, at.clone())
        .severity(severity)
        .confidence(confidence)
        .impact(impact)
        .also(found.iter().map(|f| f.place))
        .about(kind, taken.name.clone(), taken.revision.clone())
        .content(format!("{} {}", taken.name, taken.revision.as_deref().unwrap_or("")))
        .evidence(evidence(taken));
    if taken.runs_code {
        draft = draft.evidence("the program is told to run the code that comes with it");
    }
    if taken.what == Brought::Pickle {
        draft = draft.evidence("files of this format run code when they are read");
    }
    let draft = main.run.route(scene, draft).via(main.step.clone(), Some(main.place));
    let name = match taken.is_known {
        true => format!("the {kind} `{shown}`"),
        false => format!("a {kind} that is named elsewhere"),
    };
    draft.advise(advice(taken)).say(match taken.what {
        Brought::Package => format!("{name} is installed as whatever its catalogue holds{held}"),
        _ if taken.by == BY_FILE => format!("{name} is fetched by its address, and nothing compares it{held}"),
        _ => format!("{name} is taken from its hub {at}{held}"),
    });
}

/// How much it weighs. What only tests use, or people fetch by hand, is a note.
fn weigh(found: &Found<'_, '_>) -> (Severity, Option<Impact>) {
    let taken = &found.taken;
    let impact = found.run.impact();
    match (taken.what, impact) {
        (Brought::DataSet, _) => (Severity::Low, None),
        // Whoever can push there has their code run where the secrets or the image are.
        (_, Some(impact)) if taken.runs_code && taken.is_known => (Severity::High, Some(impact)),
        (_, Some(Impact::ReachesImage)) => (Severity::Medium, None),
        (Brought::Pickle | Brought::Package, Some(_)) => (Severity::Medium, None),
        _ => (Severity::Low, None),
    }
}

fn evidence(taken: &Taken) -> &'static str {
    match taken.by {
        "ollama pull" => "a tag there is what its publisher last pushed under it",
        "spacy download" => "the catalogue says which version fits the installed library; no digest is compared",
        "nltk.download" | "nltk.downloader" => "the catalogue has no versions",
        BY_FILE => "whoever serves the address may put another file there",
        _ if taken.revision.is_some() => {
            "a branch or tag of the hub is what its publisher, or whoever can push there, makes of it"
        }
        _ => "without a revision it is the newest commit of the main branch",
    }
}

fn advice(taken: &Taken) -> String {
    let name = if taken.is_known { taken.name.as_str() } else { "<name>" };
    match taken.by {
        "hf download" => format!("name the commit: hf download {name} --revision <commit>"),
        "modelscope download" => "name the revision: --revision <commit>".to_owned(),
        "kaggle download" => format!("name the version behind the name: {name}/versions/<number>"),
        "ollama pull" => {
            "take the file from a hub at a commit and make the model of it: hf download <name> <file> --revision <commit>, \
             then ollama create"
                .to_owned()
        }
        "llama.cpp -hf" => {
            "fetch the file at a commit and give its path: hf download <name> <file> --revision <commit>, then -m <file>"
                .to_owned()
        }
        "vllm" | "vllm serve" | "sglang" if taken.runs_code => {
            "name the commit of the weights and of the code: --revision <commit> --code-revision <commit>".to_owned()
        }
        "vllm" | "vllm serve" | "sglang" | "text-generation-launcher" | "text-embeddings-router" => {
            "name the commit: --revision <commit>".to_owned()
        }
        "spacy download" => {
            "put the wheel of one version into the requirements, with its hash, and install it with --require-hashes".to_owned()
        }
        "nltk.download" | "nltk.downloader" => {
            "fetch the archive itself and compare it with a digest: echo \"<sha256>  <file>\" | sha256sum -c -".to_owned()
        }
        "torch.hub.load" => "name the commit behind the repository: owner/name:<commit>".to_owned(),
        "git clone" => "check a commit out behind the clone: git checkout <commit>".to_owned(),
        BY_FILE => "compare it with a digest kept in the repository: echo \"<sha256>  <file>\" | sha256sum -c -".to_owned(),
        "an address" => "put the commit in place of the branch: /resolve/<commit>/".to_owned(),
        _ => "name the commit: revision=\"<commit>\"".to_owned(),
    }
}
