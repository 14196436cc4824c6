//! Commands that start trainings, measurements, merges and quantising: which script they run, with which recipe, and
//! what they name themselves.
//!
//! Sources: the documentation of accelerate, torchrun, DeepSpeed, TRL, axolotl, LLaMA-Factory, mergekit, the
//! evaluation harness and llama.cpp.

use std::collections::BTreeSet;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use super::heredocs::Written;
use super::local::{self, Local};
use super::training::{Named, Output, Part, SETTINGS, Task, Training};
use super::training::{is_component, is_for_tests, is_helper, is_setting, settle_components};
use super::{AssetKind, At, Hub, Reference, Standing};
use crate::parse::shell::{Command, Program};
use crate::source::{Embedded, Span};

/// Commands of one script that are looked at.
const MOST_COMMANDS: usize = 5_000;
/// Comparisons of commands with recipes and of recipes with scripts in a tree.
const MOST_TRIES: usize = 3_000_000;
/// Files of one name among which the one is looked for that a longer path means.
const MOST_NAMESAKES: usize = 1_000;
/// Files of settings among which those of one command are looked for.
const MOST_SETTINGS: usize = 2_000;
/// Words of one command that are looked at.
const MOST_WORDS: usize = 400;

/// A command that starts something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::references) struct Launch {
    /// What it does, with what it names itself.
    pub training: Training,
    /// The script as it is written, with `${..}` for what is not known; a module's dots are slashes.
    pub script: Option<String>,
    /// Recipes, written in the same way.
    pub recipes: Vec<String>,
}

/// Programs that train by themselves: the name, the words behind it of which one must stand there, and what it does.
const PROGRAMS: &[(&str, &[&str], Task)] = &[
    ("autotrain", &["llm", "sentence-transformers", "text-classification", "seq2seq", "--config"], Task::Train),
    ("axolotl", &["train", "preprocess"], Task::Train),
    ("litgpt", &["finetune", "finetune_lora", "finetune_full", "pretrain"], Task::Train),
    ("llamafactory-cli", &["train"], Task::Train),
    ("lm-eval", &[], Task::Evaluate),
    ("lm_eval", &[], Task::Evaluate),
    ("lighteval", &[], Task::Evaluate),
    ("mergekit-yaml", &[], Task::Merge),
    ("mlx_lm.lora", &[], Task::Train),
    ("llama-quantize", &[], Task::Quantise),
    ("swift", &["sft", "pt", "rlhf"], Task::Train),
    ("trl", &["sft", "dpo", "grpo", "kto", "rloo", "reward"], Task::Train),
    ("xtuner", &["train"], Task::Train),
];

/// Words of a script's name that say that it trains.
const TRAINS: &[&str] = &[
    "train",
    "training",
    "finetune",
    "finetuning",
    "sft",
    "dpo",
    "grpo",
    "orpo",
    "kto",
    "ppo",
    "pretrain",
    "clm",
    "mlm",
];

/// Options whose file sets up the machine and not the training.
const OTHER_FILES: &[&str] = &["--config_file", "--config-file", "--deepspeed", "--deepspeed_config", "--fsdp_config"];

/// The commands of a script that start something. `found` is what the script loads.
pub(super) fn of_program(
    path: &Arc<str>,
    program: &Program,
    text: &Embedded,
    found: &[Reference],
    written: &[Written],
) -> Vec<Launch> {
    if super::is_of_tests(path) {
        return Vec::new();
    }
    let commands = program.commands.iter().take(MOST_COMMANDS);
    commands.filter_map(|command| launch(path, program, command, text, (found, written))).collect()
}

fn launch(
    path: &Arc<str>,
    program: &Program,
    command: &Command,
    text: &Embedded,
    (found, written): (&[Reference], &[Written]),
) -> Option<Launch> {
    let words: Vec<(String, Range<usize>)> = command
        .name
        .iter()
        .chain(&command.args)
        .take(MOST_WORDS)
        .map(|word| (program.show(word).0, word.range.clone()))
        .collect();
    let is_said = matches!(words.first()?.0.as_str(), "echo" | "printf" | "cat" | "git" | "pip" | "cp" | "ls" | "cd");
    if is_said {
        return None;
    }
    let (at, by, own) = own_program(&words).map_or((0, None, None), |(at, by, task)| (at, Some(by), Some(task)));
    let script = script_of(&words);
    let options = options_of(&words);
    let stem = script.as_deref().and_then(|script| script.rsplit('/').next()).unwrap_or("");
    let stem = stem.strip_suffix(".py").unwrap_or(stem);
    let says = |known: &[&str]| stem.split(['_', '-', '.']).any(|word| known.contains(&word));
    let is_setting_given = options.iter().any(|(name, ..)| {
        matches!(
            name.as_str(),
            "learning_rate" | "num_train_epochs" | "per_device_train_batch_size" | "do_train" | "lora_r" | "lora_rank"
        )
    });
    let is_off = |value: &str| matches!(value.to_ascii_lowercase().as_str(), "false" | "0" | "no");
    let trains_not = options.iter().any(|(name, value, _)| name == "do_train" && is_off(value));
    let task = match own {
        Some(task) => task,
        None if script.is_none() || trains_not => return None,
        None if is_setting_given || says(TRAINS) => Task::Train,
        None if stem.starts_with("convert") && stem.ends_with("gguf") => Task::Quantise,
        None if is_for_tests(stem) || says(&["evaluate"]) => Task::Evaluate,
        None => return None,
    };
    let span = text.host_span(command.range.clone());
    let by = by.unwrap_or_else(|| script.as_deref().map_or(stem, |s| s.rsplit('/').next().unwrap_or(s)).to_owned());
    let mut training = Training::new(task, by, At { path: Arc::clone(path), span });
    training.recipes.insert(Arc::clone(path));
    let recipes = recipes_of(&words);
    let mut used = used_by(command.range.clone(), text);
    for own in written.iter().filter(|own| own.body.end <= command.range.start && recipes.contains(&own.file)) {
        used.push(own.body.clone());
        used.extend(used_by(own.body.clone(), text));
    }
    // Options within a variable are given as well.
    for value in &used {
        let words = text.text.get(value.clone()).unwrap_or("").split_whitespace();
        for option in words.filter_map(|word| word.trim_start_matches(['"', '\'']).strip_prefix("--")).take(MOST_WORDS)
        {
            gives(&option.split('=').next().unwrap_or("").replace('-', "_").to_ascii_lowercase(), &mut training.gives);
        }
    }
    let used: Vec<Span> = used.into_iter().map(|range| text.host_span(range)).collect();
    training.named = named(found, span, &used, task);
    for (name, value, range) in &options {
        // What is given and not known is no default of the script.
        gives(name, &mut training.gives);
        let is_known = !value.is_empty() && value.len() <= 120 && !value.contains(['$', '{', '\n', '<']);
        if !is_known {
            continue;
        }
        let at = || At { path: Arc::clone(path), span: text.host_span(range.clone()) };
        if local::names_data(name) && local::may_name(value) && task != Task::Evaluate {
            let is_named = training.named.iter().any(|one| at().span.contains(one.reference.place.span));
            let part = if is_for_tests(name) { Part::TestData } else { Part::Data };
            if !is_named {
                training.local.push(Local { part, text: value.clone(), at: at() });
            }
        }
        let output = match name.as_str() {
            "hub_model_id" | "push_to_hub_model_id" => Some(Output::Hub(value.clone())),
            "project_name" if !training.by.starts_with("autotrain") => None,
            "output_dir" | "output" | "outfile" | "out_dir" | "save_dir" | "project_name" | "export_dir"
                if task != Task::Evaluate =>
            {
                Some(Output::Path(value.clone()))
            }
            _ => None,
        };
        training.outputs.extend(output.map(|output| (output, at())));
        if name == "tasks" && task == Task::Evaluate {
            training.parameters.insert("tasks".to_owned(), value.clone());
        }
        if SETTINGS.contains(&name.as_str()) && is_setting(value) {
            training.parameters.entry(name.clone()).or_insert_with(|| value.clone());
        }
    }
    if options.iter().any(|(name, value, _)| name == "use_peft" && value != "false" && value != "False") {
        training.makes_adapter = true;
        training.methods.insert("lora".to_owned());
    }
    if let Some(method) = words.get(at + 1).filter(|_| own == Some(Task::Train) && training.by.starts_with("trl")) {
        training.methods.insert(method.0.clone());
    }
    // `llama-quantize in.gguf out.gguf Q4_K_M`, `mergekit-yaml recipe folder`.
    let plain: Vec<&(String, Range<usize>)> =
        words.iter().skip(at + 1).filter(|(word, _)| !word.starts_with('-') && !word.contains('$')).collect();
    if matches!(training.by.as_str(), "llama-quantize" | "mergekit-yaml")
        && let Some((out, range)) = plain.get(1)
    {
        training
            .outputs
            .push((Output::Path(out.clone()), At { path: Arc::clone(path), span: text.host_span(range.clone()) }));
    }
    Some(Launch { training, script, recipes })
}

/// The program of [`PROGRAMS`] that a command runs: where its name stands, how it is called, and what it does.
fn own_program(words: &[(String, Range<usize>)]) -> Option<(usize, String, Task)> {
    words.iter().enumerate().take(12).find_map(|(at, (word, _))| {
        let name = word.rsplit('/').next().unwrap_or(word);
        let module = words.get(at.wrapping_sub(1)).is_some_and(|(before, _)| before == "-m");
        let name = match name {
            "axolotl.cli.train" if module => return Some((at, "axolotl".to_owned(), Task::Train)),
            "llamafactory.cli" | "llamafactory" if module => "llamafactory-cli",
            name => name,
        };
        let (own, needed, task) = PROGRAMS.iter().find(|(own, ..)| *own == name)?;
        let next = words.get(at + 1).map_or("", |(word, _)| word.as_str());
        let is_it = needed.is_empty() || needed.contains(&next);
        let shown =
            if needed.contains(&next) && !next.starts_with('-') { format!("{own} {next}") } else { (*own).to_owned() };
        is_it.then_some((at, shown, *task))
    })
}

/// The script of Python that a command runs.
fn script_of(words: &[(String, Range<usize>)]) -> Option<String> {
    let mut all = words.iter().map(|(word, _)| word.as_str()).enumerate();
    all.find_map(|(at, word)| {
        let before = words.get(at.wrapping_sub(1)).map_or("", |(word, _)| word.as_str());
        let starts = || words.first().is_some_and(|(first, _)| first.contains("python") || is_launcher(first));
        if before == "-m" && !word.starts_with('-') && !is_launcher(word) && starts() {
            return Some(format!("{}.py", word.replace('.', "/")));
        }
        let is_script = word.ends_with(".py") && !word.starts_with('-') && !before.starts_with("--config");
        is_script.then(|| word.trim_start_matches("./").to_owned())
    })
}

fn is_launcher(word: &str) -> bool {
    const LAUNCHERS: &[&str] = &[
        "accelerate",
        "accelerate.commands.launch",
        "deepspeed",
        "mpirun",
        "srun",
        "torch.distributed.launch",
        "torch.distributed.run",
        "torchrun",
        "uv",
        "poetry",
        "nohup",
        "python",
        "python3",
    ];
    LAUNCHERS.contains(&word.rsplit('/').next().unwrap_or(word))
}

/// Options with their values: `--name value`, `--name=value`, `name=value`; dashes are underscores.
fn options_of(words: &[(String, Range<usize>)]) -> Vec<(String, String, Range<usize>)> {
    let mut out = Vec::new();
    for (at, (word, range)) in words.iter().enumerate() {
        let Some(option) = word.strip_prefix("--") else { continue };
        let plain = |name: &str| name.replace('-', "_").to_ascii_lowercase();
        if let Some((name, value)) = option.split_once('=') {
            out.push((plain(name), value.to_owned(), range.clone()));
        } else {
            let next = words.get(at + 1).filter(|(next, _)| !next.starts_with("--"));
            let (value, range) = next.map_or((String::new(), range.clone()), |(v, r)| (v.clone(), r.clone()));
            out.push((plain(option), value, range));
        }
    }
    out
}

/// Files of settings of the training itself.
fn recipes_of(words: &[(String, Range<usize>)]) -> Vec<String> {
    let is_file = |word: &str| [".yaml", ".yml", ".json"].iter().any(|end| word.ends_with(end));
    let mut out = Vec::new();
    for (at, (word, _)) in words.iter().enumerate() {
        let before = words.get(at.wrapping_sub(1)).map_or("", |(word, _)| word.as_str());
        let (option, value) = word.split_once('=').unwrap_or((before, word));
        if is_file(value) && !OTHER_FILES.contains(&option) && !value.starts_with('-') {
            out.push(value.trim_start_matches("./").to_owned());
        }
    }
    out
}

/// What a command names, with what it is for.
fn named(found: &[Reference], span: Span, used: &[Span], task: Task) -> Vec<Named> {
    let mut out: Vec<Named> = Vec::new();
    for reference in found {
        let at = reference.call.as_ref().map_or(reference.place.span, |at| at.span);
        let is_used = |value: &Span| value.contains(reference.place.span);
        let is_its = span.contains(at) || span.contains(reference.place.span) || used.iter().any(is_used);
        if !is_its || reference.standing == Standing::Told || matches!(reference.hub, Hub::Hosted(_)) {
            continue;
        }
        let by = reference.loader.by.as_str();
        let part = match reference.kind {
            AssetKind::Model if is_helper(by) => Part::Helper,
            AssetKind::Model => Part::Base,
            AssetKind::Adapter => Part::Adapter,
            AssetKind::Dataset if task == Task::Evaluate || is_for_tests(by) => Part::TestData,
            AssetKind::Dataset => Part::Data,
            AssetKind::Tokenizer | AssetKind::Kernel => continue,
        };
        let is_known = |other: &Named| other.part == part && other.reference.name == reference.name;
        if !out.iter().any(is_known) {
            out.push(Named::new(part, reference.clone()));
        }
    }
    settle_components(&mut out, &|one| is_component(&one.reference.loader.by));
    out.sort();
    out
}

/// What an option is about, whatever its value is.
fn gives(name: &str, out: &mut BTreeSet<Part>) {
    if local::names_data(name) || name.contains("dataset") || name.contains("data_path") {
        out.insert(Part::Data);
    }
    let names_model = ["model", "checkpoint", "pretrained"].iter().any(|word| name.contains(word));
    if names_model && !is_helper(name) && !is_component(name) {
        out.insert(Part::Base);
    }
}

/// The values of the variables of a script that a command hands on, as `ARGS="--data ${DATA} .."` and what is in it:
/// their bytes in the script. Only what is set before it, at the beginning of a line, and last.
fn used_by(range: Range<usize>, text: &Embedded) -> Vec<Range<usize>> {
    /// Variables of one command that are looked for.
    const MOST: usize = 24;
    let before = text.text.get(..range.start).unwrap_or("");
    let mut out: Vec<Range<usize>> = Vec::new();
    let mut open: Vec<(Range<usize>, usize)> = vec![(range, 0)];
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    while let Some((part, depth)) = open.pop() {
        let part = text.text.get(part).unwrap_or("");
        for (at, _) in part.match_indices('$') {
            let Some((name, _)) = variable(part.get(at + 1..).unwrap_or("")) else { continue };
            let length = name.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count();
            let name = name.get(..length).unwrap_or("");
            if name.len() < 2 || seen.len() >= MOST || depth >= 4 || !seen.insert(name) {
                continue;
            }
            if let Some(value) = set_to(name, before) {
                out.push(value.clone());
                open.push((value, depth + 1));
            }
        }
    }
    out
}

/// Where the value of a variable stands that is set last, over all lines that it goes on for.
pub(super) fn set_to(name: &str, text: &str) -> Option<Range<usize>> {
    let set = format!("{name}=");
    let at = text.match_indices(set.as_str()).map(|(at, _)| at).filter(|at| {
        let line = text.get(..*at).unwrap_or("").rsplit('\n').next().unwrap_or("").trim_start();
        matches!(line, "" | "export " | "local " | "declare " | "readonly ")
    });
    let start = at.last()? + set.len();
    let mut end = start;
    for line in text.get(start..)?.split_inclusive('\n').take(200) {
        end += line.len();
        if !line.trim_end().ends_with('\\') {
            break;
        }
    }
    Some(start..end)
}

/// Paths of the tree by their last part.
struct Files<'a> {
    /// All of them, in order.
    all: &'a [&'a str],
    by_last: HashMap<&'a str, Vec<&'a str>>,
}

impl<'a> Files<'a> {
    fn new(all: &'a [&'a str]) -> Self {
        let mut by_last: HashMap<&str, Vec<&str>> = HashMap::new();
        for path in all.iter().copied().filter(|path| path.ends_with(".py")) {
            by_last.entry(last_part(path)).or_default().push(path);
        }
        Self { all, by_last }
    }

    fn has(&self, path: &str) -> bool {
        self.all.binary_search(&path).is_ok()
    }

    /// The only script that ends so.
    fn only(&self, tail: &str) -> Option<&'a str> {
        let end = format!("/{tail}");
        let all = self.by_last.get(last_part(tail)).filter(|all| all.len() <= MOST_NAMESAKES)?;
        let mut fits = all.iter().filter(|path| path.ends_with(&end));
        let first = fits.next()?;
        fits.next().is_none().then_some(*first)
    }
}

fn last_part(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// Puts launches, recipes and scripts together. `all` are the paths of the tree in order, `trainings` what scripts and
/// recipes say. Gives the files of commands that were left out because there are too many to put together.
pub(super) fn join(
    launches: Vec<Launch>,
    trainings: &mut Vec<Training>,
    says: &[(Arc<str>, BTreeSet<Part>)],
    all: &[&str],
) -> BTreeSet<Arc<str>> {
    let files = Files::new(all);
    let scripts: Vec<Training> = trainings.iter().filter(|one| one.script.is_some()).cloned().collect();
    let mut by_script: HashMap<&str, &Training> = HashMap::new();
    for one in &scripts {
        by_script.entry(one.script.as_deref().unwrap_or("")).or_insert(one);
    }
    let of_script = |path: &str| by_script.get(path).copied();
    let mut left = MOST_TRIES;
    let mut cut = BTreeSet::new();
    let mut more = Vec::new();
    for launch in launches {
        let from = Arc::clone(&launch.training.place.path);
        for template in &launch.recipes {
            let Some(rest) = left.checked_sub(trainings.len()) else {
                cut.insert(Arc::clone(&from));
                break;
            };
            left = rest;
            for recipe in trainings.iter_mut().filter(|one| one.script.is_none()) {
                let Some(path) = recipe.recipes.iter().next().cloned() else { continue };
                let Some(bound) = fits(template, &path, &from) else { continue };
                let script = launch.script.as_deref().map(|script| filled(script, &bound));
                if let Some(found) = script.and_then(|script| located(&script, &from, &files)) {
                    run_by(recipe, &found, of_script(&found));
                }
            }
        }
        let mut own = launch.training;
        if let Some(found) = launch.script.as_deref().and_then(|script| located(script, &from, &files)) {
            let known = of_script(&found);
            run_by(&mut own, &found, known);
            let is_read = launch.recipes.iter().all(|template| {
                let own_file = says.iter().take(MOST_SETTINGS).find(|(path, _)| fits(template, path, &from).is_some());
                own.gives.extend(own_file.into_iter().flat_map(|(_, parts)| parts.iter().copied()));
                // One that speaks of no model was not kept.
                own_file.is_some() || located(template, &from, &files).is_some()
            });
            if let Some(known) = known.filter(|_| is_read) {
                by_default(&mut own, known);
            }
        }
        more.push(own);
    }
    // A recipe that lies in a folder of a method is run by the one script that is named after it.
    let named: Vec<&Training> =
        scripts.iter().filter(|one| one.task == Task::Train && method_of(one).is_some()).collect();
    for recipe in trainings.iter_mut().filter(|one| one.script.is_none() && one.task == Task::Train) {
        let Some(path) = recipe.recipes.iter().next().cloned() else { continue };
        let Some(rest) = left.checked_sub(named.len()) else {
            cut.insert(path);
            continue;
        };
        left = rest;
        let mut fits = named.iter().filter(|one| is_named_after(one, &path));
        if let (Some(script), None) = (fits.next(), fits.next())
            && let Some(path) = script.script.clone()
        {
            run_by(recipe, &path, Some(script));
        }
    }
    trainings.extend(more);
    cut
}

/// Says which script runs something, with what is known of that.
fn run_by(training: &mut Training, script: &str, known: Option<&Training>) {
    training.script = Some(Arc::from(script));
    if let Some(known) = known {
        training.imports.extend(known.imports.iter().cloned());
        training.methods.extend(known.methods.iter().filter(|method| *method != "lora").cloned());
    }
}

/// What a script takes by default where the command that runs it says nothing else.
fn by_default(training: &mut Training, known: &Training) {
    if known.task != training.task {
        return;
    }
    for part in [Part::Base, Part::Data] {
        let is_said = training.of_part(part).next().is_some()
            || training.files.iter().any(|file| file.part == part)
            || training.local.iter().any(|local| local.part == part)
            || training.gives.contains(&part);
        if !is_said {
            training.named.extend(known.of_part(part).cloned());
        }
    }
    training.named.sort();
}

/// The method that a script is named after: `sft` of `sft.py` and `run_sft.py`.
fn method_of(script: &Training) -> Option<&str> {
    let stem = last_part(script.script.as_deref()?).strip_suffix(".py")?;
    let method = stem.strip_prefix("run_").or_else(|| stem.strip_prefix("train_")).unwrap_or(stem);
    TRAINS.contains(&method).then_some(method)
}

/// Whether a script is named after the folder of a method that a recipe lies in.
fn is_named_after(script: &Training, recipe: &str) -> bool {
    let folders = recipe.rsplit_once('/').map_or("", |(folders, _)| folders);
    method_of(script).is_some_and(|method| folders.split('/').any(|folder| folder == method))
}

/// What the variables of a written path are where it is that of a file; none where it cannot be. The path may begin at
/// the root or at a folder above the commands.
fn fits(template: &str, path: &str, from: &str) -> Option<Vec<(String, String)>> {
    let mut folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
    loop {
        let below =
            if folder.is_empty() { Some(path) } else { path.strip_prefix(folder).and_then(|p| p.strip_prefix('/')) };
        if let Some(bound) = below.and_then(|below| bound(template, below)) {
            return Some(bound);
        }
        if folder.is_empty() {
            return None;
        }
        folder = folder.rsplit_once('/').map_or("", |(folder, _)| folder);
    }
}

/// Reads a path by a template: `${NAME}` and `$NAME` stand for what has no `/`.
fn bound(template: &str, path: &str) -> Option<Vec<(String, String)>> {
    let mut out: Vec<(String, String)> = Vec::new();
    let (mut rest, mut left) = (template, path);
    let mut is_any = false;
    while !rest.is_empty() {
        let Some(at) = rest.find('$') else {
            return (left == rest && !is_any).then_some(out);
        };
        left = left.strip_prefix(rest.get(..at)?)?;
        let (name, behind) = variable(rest.get(at + 1..)?)?;
        // A template of variables alone is that of any file.
        is_any = template.find('/').is_none() && at == 0;
        let next = behind.find('$').map_or(behind, |end| behind.get(..end).unwrap_or(""));
        let length = if next.is_empty() { left.len() } else { left.find(next)? };
        let value = left.get(..length)?;
        if value.is_empty() || value.contains('/') || out.len() > 16 {
            return None;
        }
        out.push((name.to_owned(), value.to_owned()));
        left = left.get(length..)?;
        rest = behind;
    }
    (left.is_empty() && !is_any).then_some(out)
}

/// The name of a variable, and what stands behind it.
fn variable(text: &str) -> Option<(&str, &str)> {
    if let Some(inner) = text.strip_prefix('{') {
        return inner.split_once('}');
    }
    let length = text.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count();
    (length > 0).then(|| text.split_at(length))
}

/// A written path with the variables that are known.
fn filled(template: &str, bound: &[(String, String)]) -> String {
    let mut out = template.to_owned();
    for (name, value) in bound {
        out = out.replace(&format!("${{{name}}}"), value).replace(&format!("${name}"), value);
    }
    out
}

/// The file that a command means: from the root, or from a folder above the commands; else the only one that ends so.
fn located(path: &str, from: &str, files: &Files<'_>) -> Option<String> {
    if path.contains('$') {
        // What stands before the last variable is a folder of a machine.
        let folder = || path.split_once('/').unwrap_or(("", path));
        let (before, rest) = path.rsplit_once('}').unwrap_or_else(folder);
        let rest = rest.trim_start_matches('/');
        let is_whole = !rest.contains('$') && before.starts_with('$') && rest.contains('/');
        return if is_whole { located(rest, from, files) } else { None };
    }
    let path = path.trim_start_matches("./");
    let mut folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut up = path;
    while let Some(rest) = up.strip_prefix("../") {
        up = rest;
        folder = folder.rsplit_once('/').map_or("", |(folder, _)| folder);
    }
    loop {
        let whole = if folder.is_empty() { up.to_owned() } else { format!("{folder}/{up}") };
        if files.has(&whole) {
            return Some(whole);
        }
        if folder.is_empty() {
            break;
        }
        folder = folder.rsplit_once('/').map_or("", |(folder, _)| folder);
    }
    files.only(up).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::references::found::FileFound;

    fn launches(text: &str) -> Vec<Launch> {
        let mut out = FileFound::default();
        super::super::scripts::of_file(&Arc::from("run.sh"), text, &mut out);
        out.launches
    }

    #[test]
    fn commands_name_scripts_recipes_and_models() {
        let text = "MODEL=acme/base\naccelerate launch --config_file zero3.yaml src/sft.py --config recipes/a.yaml\n\
            python train.py --model_name_or_path $MODEL --dataset_name acme/data --output_dir out/x --learning_rate 1e-5\n\
            echo python train.py --model_name_or_path acme/no\n";
        let found = launches(text);
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].script.as_deref(), Some("src/sft.py"));
        assert_eq!(found[0].recipes, ["recipes/a.yaml"]);
        let names: Vec<(Part, &str)> =
            found[1].training.named.iter().map(|one| (one.part, one.reference.name.as_str())).collect();
        assert_eq!(names, [(Part::Base, "acme/base"), (Part::Data, "acme/data")]);
        assert_eq!(found[1].training.outputs[0].0, Output::Path("out/x".to_owned()));
    }

    #[test]
    fn written_paths_bind_variables() {
        let of = |template, path| fits(template, path, "slurm/train.slurm");
        let bound = of("recipes/${MODEL}/${TASK}/config_${X}.yaml", "recipes/m/sft/config_a.yaml").unwrap();
        assert_eq!(filled("src/${TASK}.py", &bound), "src/sft.py");
        assert_eq!(of("recipes/${MODEL}/config.yaml", "recipes/m/sft/config.yaml"), None);
        assert_eq!(of("${CONFIG}", "a.yaml"), None);
        assert_eq!(of("recipes/a.yaml", "recipes/a.yaml"), Some(Vec::new()));
    }
}
