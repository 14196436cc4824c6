//! Which scripts of Python train, quantise, merge or measure models, with what, and what comes of it.
//!
//! A script is what begins a run: a module, or a function that nobody of the tree calls. What it loads is what is
//! loaded where that run comes to, by names that are written where it comes to.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

mod choices;
mod order;

use self::order::{part_of, settle};
use super::calls::Outcome;
use super::deeds::{self, Deed};
use super::evaluate::{Evaluator, given};
use super::follow::{Follower, Reach};
use super::known::is_test;
use super::loaders::NOWHERE;
use super::program::{Here, Id, KNOWN, Program};
use super::scope::{Call, How, Opens, Scopes, What};
use crate::parse::python::Kind;
use crate::references::training::{Named, Output, Part, SETTINGS, Task, Training};
use crate::references::training::{is_component, is_for_tests, is_helper, is_setting, settle_components};
use crate::references::{AssetKind, At, Hub, Reference, Standing};
use crate::source::Span;

/// Steps that finding one name of a result may take.
const STEPS: usize = 2_000;
/// Names of one loader from which on it is a table to choose from.
const CHOICE: usize = 4;
/// Models of which one is made.
const MOST_BASES: usize = 3;
/// Data sets of one training.
const MOST_DATA: usize = 24;
/// Modules that one script imports.
const MOST_IMPORTED: usize = 2_000;
/// Results of one training.
const MOST_OUTPUTS: usize = 4;

/// What scripts make, and how far that is known.
#[derive(Debug, Default)]
pub(in crate::references) struct Made {
    /// What they make.
    pub trainings: Vec<Training>,
    /// Files that were not followed to their end: there was too much of it.
    pub cut: BTreeSet<Arc<str>>,
    /// Files at which the look failed.
    pub failed: BTreeSet<Arc<str>>,
}

/// What the scripts of a program make. `done` is what each of its modules loads.
pub(in crate::references) fn trainings(program: &Program<'_>, done: &[Outcome]) -> Made {
    let mut look = Look {
        program,
        follower: Follower::new(program),
        loads: loads(done),
        spots: HashMap::new(),
        frozen: HashMap::new(),
        imports: HashMap::new(),
    };
    let mut out = Made::default();
    let mut entries: BTreeSet<Id> = BTreeSet::new();
    for (module, scopes) in program.modules.iter().enumerate() {
        if scopes.module.holds_values || is_test(&scopes.module.path) {
            continue;
        }
        match catch_unwind(AssertUnwindSafe(|| look.entries(module))) {
            Ok(found) => entries.extend(found),
            Err(_) => _ = out.failed.insert(Arc::clone(&scopes.module.path)),
        }
        if look.follower.was_cut() {
            out.cut.insert(Arc::clone(&scopes.module.path));
        }
    }
    // A run of a whole file tells of its functions as well.
    let whole: BTreeSet<usize> = entries.iter().filter(|id| id.1 == 0).map(|id| id.0).collect();
    for entry in entries {
        let path = &program.modules[entry.0].module.path;
        if is_test(path) || (entry.1 != 0 && whole.contains(&entry.0)) {
            continue;
        }
        match catch_unwind(AssertUnwindSafe(|| look.training(entry))) {
            Ok(found) => out.trainings.extend(found),
            Err(_) => _ = out.failed.insert(Arc::clone(path)),
        }
        if look.follower.was_cut() {
            out.cut.insert(Arc::clone(path));
        }
    }
    out.trainings.sort();
    out.trainings.dedup();
    out
}

/// Files that modules import which make or measure models: the data may be read where nothing names a loader. Of the
/// modules from a number on, as numbers of paths.
pub(in crate::references) fn imported(program: &Program<'_>, from: usize) -> BTreeSet<usize> {
    let mut out = BTreeSet::new();
    for scopes in program.modules.iter().skip(from) {
        let path = &scopes.module.path;
        if scopes.module.holds_values || is_test(path) || !scopes.calls.iter().any(makes) {
            continue;
        }
        let mut find = |dotted: &str| {
            let top = dotted.split('.').next().unwrap_or(dotted);
            if !KNOWN.contains(&top) {
                out.extend(program.paths.find(path, dotted));
            }
        };
        scopes.stars.iter().for_each(|dotted| find(dotted));
        for binding in scopes.scopes.iter().flat_map(|scope| scope.names.values().flatten()) {
            let What::Import(import) = binding.what else { continue };
            find(&import.module);
            if let Some(item) = &import.item {
                let dot = if import.module.ends_with('.') { "" } else { "." };
                find(&format!("{}{dot}{item}", import.module));
            }
        }
    }
    out
}

/// Whether a call makes or measures a model by itself.
fn makes(call: &Call<'_>) -> bool {
    matches!(
        deeds::of_call(call),
        Some(Deed::Trainer | Deed::Trains | Deed::Backward | Deed::Measures | Deed::Quantises | Deed::Merges)
    )
}

/// Whether a file says that it measures, by its path.
fn says_evaluation(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    stem.split(['_', '-']).any(|word| word.starts_with("eval") || word == "benchmark")
}

/// What is loaded, by the file of the call that loads it.
fn loads(done: &[Outcome]) -> HashMap<Arc<str>, Vec<(&Reference, bool)>> {
    let mut out: HashMap<Arc<str>, Vec<(&Reference, bool)>> = HashMap::new();
    for outcome in done {
        let all = outcome.references.iter().map(|one| (one, true)).chain(outcome.hints.iter().map(|one| (one, false)));
        for (reference, is_call) in all {
            let at = reference.call.as_ref().unwrap_or(&reference.place);
            out.entry(Arc::clone(&at.path)).or_default().push((reference, is_call));
        }
    }
    out
}

/// What stands where in the files of a module.
#[derive(Debug, Default)]
struct Spots {
    /// Calls by their bytes in the file.
    calls: HashMap<Span, usize>,
    /// Texts by their bytes in the file.
    texts: HashMap<Span, usize>,
}

struct Look<'p, 't> {
    program: &'p Program<'t>,
    follower: Follower<'p, 't>,
    loads: HashMap<Arc<str>, Vec<(&'p Reference, bool)>>,
    spots: HashMap<usize, Spots>,
    /// Variables of modules whose weights are kept as they are.
    frozen: HashMap<usize, BTreeSet<&'p str>>,
    /// Modules of the tree that a module imports.
    imports: HashMap<usize, Vec<usize>>,
}

/// Something that is loaded where a run comes to.
#[derive(Debug, Clone, Copy)]
struct Loaded<'p> {
    reference: &'p Reference,
    /// The name it is given to, where that is known.
    to: &'p str,
    /// The part of the data that is asked for.
    split: Option<&'p str>,
    /// Whether its name is one of a table.
    is_entry: bool,
    /// The call that loads it, or its name where there is none: the module and the bytes in its text.
    at: Option<(usize, Span)>,
    /// The scope of that.
    scope: Option<usize>,
    /// Whether it is one of several, and no default says that it is this one.
    is_possible: bool,
}

/// What is known of the calls that train.
#[derive(Debug, Default)]
struct About {
    /// What goes into the model that is trained: modules and bytes of their texts.
    models: Vec<(usize, Span)>,
    /// What goes into the data it learns from.
    data: Vec<(usize, Span)>,
    /// What goes into the data it is measured with.
    tests: Vec<(usize, Span)>,
    /// Scopes of the calls that are given those.
    trainers: BTreeSet<Id>,
    /// Where trainings of a scope end.
    ends: Vec<(Id, u64)>,
}

impl<'p, 't> Look<'p, 't> {
    /// Where runs begin that come to what a module does with models.
    fn entries(&mut self, module: usize) -> BTreeSet<Id> {
        let scopes = &self.program.modules[module];
        let mut out = BTreeSet::new();
        let mut begun = BTreeSet::new();
        for call in &scopes.calls {
            if makes(call) && begun.insert(call.scope) {
                out.extend(self.follower.entries((module, call.scope)));
            }
        }
        let path = &scopes.module.path;
        if begun.is_empty() && says_evaluation(path) && self.loads.contains_key(path) {
            out.insert((module, 0));
        }
        out
    }

    fn training(&mut self, entry: Id) -> Option<Training> {
        let reach = self.follower.reach(&[entry], &|_, _| false);
        let scopes = &self.program.modules[entry.0];
        let mut deeds: Vec<(Deed, Id, &'p Call<'t>)> = Vec::new();
        for module in &reach.modules {
            for call in &self.program.modules[*module].calls {
                if reach.scopes.contains(&(*module, call.scope))
                    && let Some(deed) = deeds::of_call(call)
                {
                    deeds.push((deed, (*module, call.scope), call));
                }
            }
        }
        let has = |deed: Deed| deeds.iter().any(|(own, ..)| *own == deed);
        let task = match () {
            () if has(Deed::Trains)
                || (has(Deed::Trainer) && has(Deed::Start))
                || (has(Deed::Backward) && has(Deed::Step)) =>
            {
                Task::Train
            }
            () if has(Deed::Quantises) => Task::Quantise,
            // What is merged in memory only is run, and no model is made.
            () if has(Deed::Merges) && (has(Deed::Saves) || has(Deed::Pushes)) => Task::Merge,
            () if has(Deed::Measures) || says_evaluation(&scopes.module.path) => Task::Evaluate,
            () => return None,
        };
        let wanted: &[Deed] = match task {
            Task::Train => &[Deed::Trainer, Deed::Trains, Deed::Backward],
            Task::Quantise => &[Deed::Quantises],
            Task::Merge => &[Deed::Merges],
            Task::Evaluate => &[Deed::Measures],
        };
        let first = wanted.iter().find_map(|deed| deeds.iter().find(|(own, ..)| own == deed));
        let path = Arc::clone(&scopes.module.path);
        let (by, place) = match first {
            Some((_, id, call)) => {
                let by = match call.function.last_name().unwrap_or("") {
                    "backward" | "manual_backward" | "value_and_grad" => "training loop",
                    name => name,
                };
                (by.to_owned(), self.program.modules[id.0].module.at(call.whole.span))
            }
            None => ("evaluation".to_owned(), At { path: Arc::clone(&path), span: Span::default() }),
        };
        let mut out = Training::new(task, by, place);
        out.script = Some(path);
        let about = self.about(&deeds);
        out.named = self.named(entry, &reach, task, &about);
        self.outputs(&deeds, &mut out);
        for (deed, id, call) in &deeds {
            match deed {
                Deed::Trainer => out.methods.extend(call.function.last_name().and_then(deeds::method)),
                Deed::Adapts => _ = out.methods.insert("lora".to_owned()),
                _ => {}
            }
            if matches!(deed, Deed::Settings | Deed::Adapts | Deed::Trains) {
                self.settings(&self.program.modules[id.0], call, &mut out.parameters);
            }
        }
        out.imports = self.imports(entry.0);
        Some(out)
    }

    /// What is given to the calls that train.
    fn about(&mut self, deeds: &[(Deed, Id, &'p Call<'t>)]) -> About {
        let mut out = About::default();
        for (deed, id, call) in deeds {
            let of = |keywords: &[&str], at: usize| {
                keywords.iter().find_map(|keyword| given(call.arguments, keyword, at)).map(|argument| &argument.value)
            };
            if *deed == Deed::Trainer {
                out.trainers.insert(*id);
                for (e, into) in [
                    (of(&["model", "policy_model"], 0), &mut out.models),
                    (of(&["train_dataset", "train_dataloader"], NOWHERE), &mut out.data),
                    (of(&["eval_dataset", "evaluator"], NOWHERE), &mut out.tests),
                ] {
                    let spans = e.map(|e| self.follower.slice(e, *id)).unwrap_or_default();
                    into.extend(spans.into_iter().map(|span| (id.0, span)));
                }
            }
            if matches!(deed, Deed::Trains)
                && let Kind::Attribute(object, _) = &call.function.kind
            {
                let spans = self.follower.slice(object, *id);
                out.models.extend(spans.into_iter().map(|span| (id.0, span)));
            }
            if matches!(deed, Deed::Start | Deed::Trains) {
                out.ends.push((*id, call.whole.span.end));
            }
        }
        // Of several trainings in one place the last ends it.
        let last = |id: Id, all: &[(Id, u64)]| all.iter().filter(|(own, _)| *own == id).map(|(_, end)| *end).max();
        out.ends = out.ends.iter().filter_map(|(id, _)| Some((*id, last(*id, &out.ends)?))).collect();
        out
    }

    fn settings(&self, scopes: &Scopes<'t>, call: &Call<'t>, out: &mut BTreeMap<String, String>) {
        for argument in call.arguments {
            let Some(name) = argument.name.as_deref().filter(|name| SETTINGS.contains(name)) else { continue };
            let text = match argument.value.as_text() {
                Some(text) => text.text.clone(),
                // A number, `True`: what is neither a name nor a call stands as it is.
                None if matches!(argument.value.kind, Kind::Name(_) | Kind::Call(..) | Kind::Attribute(..)) => continue,
                None => scopes.module.shown(argument.value.span),
            };
            if is_setting(&text) {
                out.entry(name.to_owned()).or_insert(text);
            }
        }
    }

    /// Packages that the module of a script imports.
    fn imports(&self, module: usize) -> BTreeSet<String> {
        let scopes = &self.program.modules[module];
        let bound = scopes.scopes.iter().flat_map(|scope| scope.names.values().flatten());
        let named =
            bound.filter_map(|b| if let What::Import(import) = b.what { Some(import.module.as_str()) } else { None });
        let all = named.chain(scopes.stars.iter().copied()).filter(|dotted| !dotted.starts_with('.'));
        let path = &scopes.module.path;
        let of_packages =
            all.filter(|dotted| self.follower.module(module, dotted).is_none() && self.is_package(path, dotted));
        of_packages.filter_map(|dotted| dotted.split('.').next()).map(str::to_owned).collect()
    }

    /// Whether an import is of a package, and of no file of the tree that was not read.
    fn is_package(&self, path: &str, dotted: &str) -> bool {
        let top = dotted.split('.').next().unwrap_or(dotted);
        KNOWN.contains(&top) || self.program.paths.find(path, dotted).is_none()
    }

    fn outputs(&self, deeds: &[(Deed, Id, &'p Call<'t>)], out: &mut Training) {
        let mut eval = Evaluator::new(self.program);
        for (deed, id, call) in deeds {
            let keywords: &[(&str, usize)] = match deed {
                Deed::Pushes => &[("repo_id", 0), ("repo_name", NOWHERE), ("hub_model_id", NOWHERE)],
                Deed::Saves => &[("save_directory", 0), ("output_dir", NOWHERE)],
                Deed::Settings => &[("hub_model_id", NOWHERE), ("output_dir", NOWHERE)],
                Deed::Trains => &[("output_path", NOWHERE), ("output_dir", NOWHERE)],
                _ => continue,
            };
            for (keyword, at) in keywords {
                let Some(argument) = given(call.arguments, keyword, *at) else { continue };
                eval.steps = STEPS;
                eval.frames.clear();
                let set = eval.eval(&argument.value, Here { module: id.0, scope: call.scope, block: call.block });
                let texts: Vec<_> = set.texts().collect();
                // A name that may be several is none.
                let [text] = texts.as_slice() else { continue };
                let name = text.text.trim().trim_end_matches('/');
                let is_plain = !name.is_empty() && name.len() <= 120 && !name.contains(['{', '\n', '<', '$']);
                if set.open || !is_plain {
                    continue;
                }
                let is_hub = (*deed == Deed::Pushes || *keyword == "hub_model_id") && name.split('/').count() <= 2;
                let output = if is_hub { Output::Hub(name.to_owned()) } else { Output::Path(name.to_owned()) };
                let place = self.program.modules[text.module].module.at(text.span);
                if out.outputs.len() < MOST_OUTPUTS && out.outputs.iter().all(|(known, _)| *known != output) {
                    out.outputs.push((output, place));
                }
            }
        }
    }

    /// Modules that those which run import, themselves among them: what stands at their top is there.
    fn imported_by(&mut self, modules: &BTreeSet<usize>) -> BTreeSet<usize> {
        let program = self.program;
        let mut out: BTreeSet<usize> = BTreeSet::new();
        let mut open: Vec<usize> = modules.iter().copied().collect();
        while let Some(module) = open.pop() {
            if out.len() >= MOST_IMPORTED || !out.insert(module) {
                continue;
            }
            let follower = &self.follower;
            let all = self.imports.entry(module).or_insert_with(|| {
                let scopes = &program.modules[module];
                let bound = scopes.scopes.iter().flat_map(|scope| scope.names.values().flatten());
                let mut names: BTreeSet<String> = scopes.stars.iter().map(|star| (*star).to_owned()).collect();
                for binding in bound {
                    let What::Import(import) = binding.what else { continue };
                    names.insert(import.module.clone());
                    if let Some(item) = &import.item {
                        let dot = if import.module.ends_with('.') { "" } else { "." };
                        names.insert(format!("{}{dot}{item}", import.module));
                    }
                }
                names.iter().filter_map(|dotted| follower.module(module, dotted)).collect()
            });
            open.extend(all.iter().copied());
        }
        out
    }

    /// What is loaded where a run comes to, with what it is for.
    fn named(&mut self, entry: Id, reach: &Reach, task: Task, about: &About) -> Vec<Named> {
        let mut loaded: Vec<Loaded<'p>> = Vec::new();
        let there = self.imported_by(&reach.modules);
        for module in &reach.modules {
            let path = &self.program.modules[*module].module.path;
            let Some(all) = self.loads.get(path).cloned() else { continue };
            for (reference, is_call) in all {
                if !matches!(reference.hub, Hub::Hosted(_) | Hub::Library("nltk" | "spacy" | "tiktoken"))
                    && let Some(one) = self.within(*module, reference, is_call, entry, (reach, &there))
                {
                    loaded.push(one);
                }
            }
        }
        // Of a loader that takes one of a table nobody can tell which it is.
        let mut by_call: HashMap<(&At, AssetKind), BTreeSet<&str>> = HashMap::new();
        for one in &loaded {
            let call = one.reference.call.as_ref().unwrap_or(&one.reference.place);
            if one.is_entry || one.reference.kind != AssetKind::Dataset {
                by_call.entry((call, one.reference.kind)).or_default().insert(&one.reference.name);
            }
        }
        loaded.retain(|one| {
            let call = one.reference.call.as_ref().unwrap_or(&one.reference.place);
            let is_default = one.reference.standing == Standing::Default && !one.is_possible && !one.is_entry;
            is_default || by_call.get(&(call, one.reference.kind)).is_none_or(|names| names.len() < CHOICE)
        });
        // What only what measures comes to is data to measure with.
        let learns = self.follower.reach(&[entry], &|program, id| {
            let scopes = &program.modules[id.0];
            is_for_tests(scopes.scopes[id.1].name) || (id.0 != entry.0 && says_evaluation(&scopes.module.path))
        });
        let is_measured = |one: &Loaded<'p>| {
            let id = one.at.zip(one.scope).map(|((module, _), scope)| (module, scope));
            id.is_some_and(|id| reach.scopes.contains(&id) && !learns.scopes.contains(&id))
        };
        let is_given = |one: &Loaded<'p>, spans: &[(usize, Span)]| {
            one.at.is_some_and(|(module, span)| spans.iter().any(|(own, all)| *own == module && all.contains(span)))
        };
        let is_model = |one: &Loaded<'p>| one.reference.kind == AssetKind::Model && is_given(one, &about.models);
        let knows_model = loaded.iter().any(is_model);
        let mut out: Vec<Named> = Vec::new();
        let mut components: BTreeSet<&str> = BTreeSet::new();
        for one in &loaded {
            let Some(mut part) = part_of(one, task) else { continue };
            // What is loaded behind the training is not what was trained; what is not given to it only helps.
            let is_later = one.at.zip(one.scope).is_some_and(|((module, span), scope)| {
                about.ends.iter().any(|(id, end)| *id == (module, scope) && span.start > *end)
            });
            if is_later && part != Part::TestData {
                continue;
            }
            // What stands beside the call that trains and goes into no model of it is another one.
            let is_beside =
                one.at.zip(one.scope).is_some_and(|((module, _), scope)| about.trainers.contains(&(module, scope)));
            if part == Part::Base && !is_model(one) && (knows_model || (is_beside && !about.models.is_empty())) {
                part = Part::Helper;
            } else if is_model(one) {
                part = Part::Base;
            }
            if part == Part::Data && is_measured(one) {
                part = Part::TestData;
            }
            if part == Part::Data && is_given(one, &about.tests) && !is_given(one, &about.data) {
                part = Part::TestData;
            }
            let named = Named { part, reference: one.reference.clone(), is_possible: one.is_possible };
            if is_component(one.to)
                || one.scope.zip(one.at).is_some_and(|(_, (module, _))| self.is_frozen(module, one.to))
            {
                components.insert(one.reference.name.as_str());
            }
            let is_known = |other: &Named| {
                other.part == part
                    && other.reference.name == named.reference.name
                    && other.reference.revision == named.reference.revision
            };
            match out.iter_mut().find(|other| is_known(other)) {
                Some(known) => known.is_possible &= named.is_possible,
                None => out.push(named),
            }
        }
        if task == Task::Train {
            settle_components(&mut out, &|one| components.contains(one.reference.name.as_str()));
        }
        settle(&mut out);
        out
    }

    /// Whether something is loaded where a run comes to, by a name that is written where it comes to.
    fn within(
        &mut self,
        module: usize,
        reference: &'p Reference,
        is_call: bool,
        entry: Id,
        (reach, there): (&Reach, &BTreeSet<usize>),
    ) -> Option<Loaded<'p>> {
        let program = self.program;
        let is_there = |module: usize, scope: usize| {
            let scopes = &program.modules[module];
            let mut at = scope;
            while matches!(scopes.scopes[at].opens, Opens::Class { .. } | Opens::Each) {
                at = scopes.scopes[at].parent.unwrap_or(0);
            }
            scopes.scopes[at].opens == Opens::Module && there.contains(&module)
        };
        let is_run = |module: usize, scope: usize| {
            let scopes = &program.modules[module];
            let mut at = scope;
            // What stands in a class or at the top of a module is there once anything of it is.
            loop {
                match scopes.scopes[at].opens {
                    Opens::Module => return module == entry.0 || reach.modules.contains(&module),
                    Opens::Class { .. } | Opens::Each => at = scopes.scopes[at].parent.unwrap_or(0),
                    Opens::Function { .. } => return reach.scopes.contains(&(module, at)),
                }
            }
        };
        let mut out =
            Loaded { reference, to: "", split: None, is_entry: false, at: None, scope: None, is_possible: false };
        if let Some(text_module) = program.at(&reference.place.path) {
            let text = self.text_at(text_module, reference.place.span);
            if let Some(literal) = text.map(|number| &program.modules[text_module].literals[number]) {
                // A parameter's default is written in the scope around the function.
                let is_option = self.is_option_of(text_module, literal.call, there);
                if !is_run(text_module, literal.scope)
                    && !(is_call && (is_there(text_module, literal.scope) || is_option))
                {
                    return None;
                }
                // What only has a name that says so counts where it is given to something that is run.
                let scope = &program.modules[text_module].scopes[literal.scope];
                let is_given = module == entry.0 || matches!(scope.opens, Opens::Function { .. });
                if !is_call && !is_given && !self.is_only_data(text_module, reference) {
                    return None;
                }
                out.at = Some((text_module, literal.text.span));
                out.scope = Some(literal.scope);
                out.to = literal.to;
                out.is_entry = literal.how == How::Entry;
                out.is_possible = literal.to == "choices";
                let here = Here { module: text_module, scope: literal.scope, block: literal.block };
                if self.chosen(here, literal.text.span.start) == Some(false) {
                    out.is_possible = true;
                }
            }
        }
        let scopes = &program.modules[module];
        let call = self.call_of(module, reference);
        match call.map(|number| &scopes.calls[number]) {
            Some(call) => {
                // What stands at the top of a module that others import runs only where it is run by itself.
                let is_guarded = module != entry.0 && call.scope == 0;
                if is_guarded || !is_run(module, call.scope) {
                    return None;
                }
                out.at = Some((module, call.whole.span));
                out.scope = Some(call.scope);
                let here = Here { module, scope: call.scope, block: call.block };
                out.is_possible |= self.chosen(here, call.whole.span.start) == Some(false);
                if let Some(target) = assigned(scopes, call) {
                    out.to = if is_helper(out.to) || is_for_tests(out.to) { out.to } else { target };
                }
                let split = given(call.arguments, "split", 2).and_then(|a| a.value.as_text());
                out.split = split.map(|text| text.text.as_str());
            }
            None if is_call => return None,
            None => {}
        }
        Some(out)
    }

    fn spots(&mut self, module: usize) -> &Spots {
        let program = self.program;
        self.spots.entry(module).or_insert_with(|| {
            let scopes = &program.modules[module];
            let calls = scopes.calls.iter().enumerate().map(|(n, call)| (scopes.module.at(call.whole.span).span, n));
            let texts = scopes.literals.iter().enumerate().rev();
            let texts = texts.map(|(n, literal)| (scopes.module.at(literal.text.span).span, n));
            Spots { calls: calls.collect(), texts: texts.collect() }
        })
    }

    fn text_at(&mut self, module: usize, span: Span) -> Option<usize> {
        self.spots(module).texts.get(&span).copied()
    }

    /// The call that loads something: the one that is told, or the innermost around its name.
    fn call_of(&mut self, module: usize, reference: &Reference) -> Option<usize> {
        if let Some(at) = &reference.call {
            return self.spots(module).calls.get(&at.span).copied();
        }
        let scopes = &self.program.modules[module];
        let last = reference.loader.by.rsplit('.').next().unwrap_or("");
        let mut around = scopes.calls.iter().enumerate().filter(|(_, call)| {
            call.function.last_name() == Some(last)
                && scopes.module.at(call.whole.span).span.contains(reference.place.span)
        });
        around.next().map(|(number, _)| number)
    }
}

/// The name that the result of a call is given to.
fn assigned<'p>(scopes: &'p Scopes<'_>, call: &Call<'_>) -> Option<&'p str> {
    let scope = &scopes.scopes[call.scope];
    let all = scope.names.iter().flat_map(|(name, all)| all.iter().map(move |binding| (*name, binding)));
    let mut fits = all.filter(|(_, binding)| match binding.what {
        What::Value(value) => value.span.contains(call.whole.span),
        _ => false,
    });
    fits.next().map(|(name, _)| name)
}
