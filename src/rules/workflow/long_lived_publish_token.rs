//! Releases that are published by a stored token where the registry would trust the workflow itself.

use std::collections::BTreeMap;

use super::reach::{self, Holder, Run};
use super::registries::{self, ACTIONS, ADDRESS_INPUTS, Registry};
use crate::commands::{Act, ActKind};
use crate::diag::{Confidence, Severity};
use crate::graph::ci;
use crate::graph::kinds::workflow::{Pair, Service, Step, Uses};
use crate::parse::shell::Invocation;
use crate::rules::{Reporter, Rule, Scene};
use crate::source::{Place, Span};

pub(super) static RULE: Rule = Rule {
    id: "long-lived-publish-token",
    title: "release published by a stored token",
    many: "{n} jobs publish by a stored token",
    severity: Severity::Low,
    since: "0.1",
    docs: include_str!("long_lived_publish_token.md"),
    check,
};

/// A stored token and who sees it.
#[derive(Debug, Clone)]
struct Token {
    /// The secret.
    secret: String,
    /// Where it is handed over.
    span: Span,
    /// Every step of the job sees it.
    wide: bool,
}

/// A step that publishes.
struct Publish<'a> {
    registry: &'static Registry,
    by: String,
    place: Place,
    step: &'a Step,
    token: Option<Token>,
}

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    for run in reach::runs(scene) {
        let holder = run.holder.as_ref();
        if holder.is_some_and(|h| h.workflow.service != Service::GitHub) {
            continue;
        }
        let mut by_registry: BTreeMap<&str, Vec<Publish<'_>>> = BTreeMap::new();
        for step in run.steps {
            for publish in publishes(run, step) {
                by_registry.entry(publish.registry.name).or_default().push(publish);
            }
        }
        for found in by_registry.values() {
            say(scene, report, run, found);
        }
    }
}

/// What a step publishes to a registry that would trust the workflow.
fn publishes<'a>(run: &Run<'a>, step: &'a Step) -> Vec<Publish<'a>> {
    let mut out = Vec::new();
    if let Some(publish) = by_action(run, step) {
        out.push(publish);
    }
    let Some(script) = &step.run else { return out };
    for act in &script.acts {
        let ActKind::Publish { what, .. } = &act.kind else { continue };
        let Some(registry) = Registry::of(what) else { continue };
        if words(step, act).is_some_and(|words| is_elsewhere(run, step, registry, &words)) {
            continue;
        }
        let token = match token(run, step, registry) {
            Found::Token(token) => Some(token),
            // The job's own token opens GitHub's registries alone.
            Found::Own => continue,
            Found::Nothing => None,
        };
        // Without a stored token it must be the identity that publishes.
        if token.is_none() && (has_identity(run.holder.as_ref()) || run.action.is_some()) {
            continue;
        }
        let place = Place::new(run.file, script.text.host_span(act.range.clone()));
        out.push(Publish { registry, by: format!("`{what}`"), place, step, token });
    }
    out
}

/// The words of the command.
fn words(step: &Step, act: &Act) -> Option<Vec<String>> {
    let program = &step.run.as_ref()?.program;
    let call = Invocation::of(program, program.commands.get(act.command)?)?;
    Some(call.args.iter().map(|a| a.text.clone()).collect())
}

fn is_elsewhere(run: &Run<'_>, step: &Step, registry: &Registry, words: &[String]) -> bool {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    if registry.is_elsewhere(&words) {
        return true;
    }
    let told = |(name, value): &Pair| {
        registry.addresses.iter().any(|a| name.value.eq_ignore_ascii_case(a)) && !registry.takes(&value.value)
    };
    // `setup-node` and `setup-dotnet` write the address into the settings for the steps behind them.
    let key = match registry.name {
        "npm" => "registry-url",
        "NuGet" => "source-url",
        _ => "",
    };
    let set_up = |s: &Step| s.index < step.index && s.input(key).is_some_and(|url| !registry.takes(&url.value));
    env(run, step).any(|(pair, _)| told(pair)) || run.steps.iter().any(set_up)
}

/// Variables of a step, and whether every step of its job sees them.
fn env<'r>(run: &'r Run<'_>, step: &'r Step) -> impl Iterator<Item = (&'r Pair, bool)> {
    let holder = run.holder.as_ref().filter(|_| run.action.is_none());
    let above = holder.into_iter().flat_map(|h| h.workflow.env.iter().chain(&h.job.env));
    step.env.iter().map(|pair| (pair, false)).chain(above.map(|pair| (pair, true)))
}

/// What a step hands to the registry.
enum Found {
    Token(Token),
    /// The job's own token.
    Own,
    Nothing,
}

/// The first secret of a text that is not the job's own token, as it is told.
fn secret(text: &str) -> Option<String> {
    ci::secret_names(text).into_iter().find(|name| !is_own_name(name))
}

fn token(run: &Run<'_>, step: &Step, registry: &Registry) -> Found {
    let is_variable = |name: &str| registry.variables.iter().any(|v| name.eq_ignore_ascii_case(v));
    let mut own = false;
    let by_name = env(run, step).filter(|((name, _), _)| !name.value.to_ascii_uppercase().contains("USER"));
    for ((name, value), wide) in by_name {
        let named = is_variable(&name.value);
        match secret(&value.value) {
            Some(secret) if named || registry.owns(&secret) => {
                return Found::Token(Token { secret, span: value.span, wide });
            }
            None if named && is_own(&value.value) => own = true,
            _ => {}
        }
    }
    if own {
        return Found::Own;
    }
    // The command itself, and a login before it.
    for earlier in run.steps.iter().filter(|s| s.index <= step.index) {
        let texts = earlier.run.iter().map(|script| (script.text.text.as_str(), script.span));
        let inputs = earlier.with.iter().chain(&earlier.env).map(|(_, value)| (value.as_str(), value.span));
        for (text, span) in texts.chain(inputs) {
            let names = ci::secret_names(text);
            let here = earlier.index == step.index && earlier.run.as_ref().is_some_and(|r| r.span == span);
            if let Some(secret) = names.into_iter().find(|n| registry.owns(n) || here && !is_own_name(n)) {
                return Found::Token(Token { secret, span, wide: false });
            }
        }
    }
    Found::Nothing
}

fn is_own_name(name: &str) -> bool {
    name.eq_ignore_ascii_case("GITHUB_TOKEN")
}

fn is_own(text: &str) -> bool {
    text.contains("github.token") || ci::secret_names(text).iter().any(|n| is_own_name(n))
}

fn has_identity(holder: Option<&Holder<'_>>) -> bool {
    holder.is_some_and(|h| h.privilege.writes.iter().any(|scope| scope == "id-token" || scope == "*"))
}

/// An action that publishes, given a stored token.
fn by_action<'a>(run: &Run<'a>, step: &'a Step) -> Option<Publish<'a>> {
    let uses = step.uses.as_ref()?;
    let Uses::Repository { owner, repo, .. } = &uses.value else { return None };
    let name = format!("{owner}/{repo}").to_ascii_lowercase();
    if let Some((registry, span)) = by_setting(run, step, &name) {
        let place = Place::new(run.file, span);
        return Some(Publish { registry, by: format!("`{name}`"), place, step, token: None });
    }
    let (_, registry, input) = ACTIONS.iter().find(|(action, ..)| *action == name)?;
    let registry = registries::named(registry)?;
    let elsewhere = ADDRESS_INPUTS.iter().filter_map(|key| step.input(key)).any(|v| !registry.takes(&v.value));
    let command = step.input("command").map(|c| c.value.as_str());
    if elsewhere || (name == "pyo3/maturin-action" && !matches!(command, Some("publish" | "upload"))) {
        return None;
    }
    let given = step.input(input).filter(|v| !input.is_empty() && !v.value.trim().is_empty());
    if let Some(value) = given {
        if is_own(&value.value) || value.value.contains("steps.") {
            return None;
        }
        let secret = secret(&value.value).unwrap_or_else(|| (*input).to_owned());
        let token = Some(Token { secret, span: value.span, wide: false });
        return Some(Publish {
            registry,
            by: format!("`{name}`"),
            place: Place::new(run.file, value.span),
            step,
            token,
        });
    }
    let mut named = env(run, step).filter(|((n, _), _)| registry.variables.iter().any(|v| n.value == **v));
    let ((_, value), wide) = named.find(|((_, value), _)| secret(&value.value).is_some())?;
    let token = Some(Token { secret: secret(&value.value)?, span: value.span, wide });
    Some(Publish { registry, by: format!("`{name}`"), place: Place::new(run.file, uses.span), step, token })
}

/// Actions that are told not to use the identity.
fn by_setting(run: &Run<'_>, step: &Step, name: &str) -> Option<(&'static Registry, Span)> {
    let value = |key: &str| step.input(key).map(|v| (v.value.trim(), v.span));
    match name {
        "rubygems/release-gem" => {
            let (_, span) = value("setup-trusted-publisher").filter(|(v, _)| *v == "false")?;
            Some((registries::named("RubyGems")?, span))
        }
        "actions/setup-node" => {
            let npm = registries::named("npm")?;
            let (_, span) = value("always-auth").filter(|(v, _)| *v == "true")?;
            value("registry-url").filter(|(url, _)| npm.takes(url))?;
            // A command that publishes tells it better.
            let publishes = |s: &Step| {
                let acts = s.run.iter().flat_map(|r| &r.acts);
                acts.filter_map(|a| if let ActKind::Publish { what, .. } = &a.kind { Registry::of(what) } else { None })
                    .any(|r| r.name == npm.name)
            };
            (!run.steps.iter().any(publishes)).then_some((npm, span))
        }
        _ => None,
    }
}

/// A step that runs code of others: an action that is neither GitHub's nor the registry's, or an install.
fn runs_others(step: &Step, but: &Step) -> Option<String> {
    if step.index == but.index {
        return None;
    }
    if let Some(uses) = &step.uses {
        let Uses::Repository { owner, repo, .. } = &uses.value else { return None };
        let owner = owner.to_ascii_lowercase();
        let own = matches!(owner.as_str(), "actions" | "github" | "pypa" | "rust-lang" | "rubygems" | "nuget");
        return (!own).then(|| format!("{owner}/{repo}"));
    }
    step.run.as_ref()?.acts.iter().find_map(|act| match &act.kind {
        ActKind::PackageInstall { manager, verb, .. } if manager != "apt" => Some(format!("{manager} {verb}")),
        ActKind::CargoBuild { subcommand, .. } => Some(format!("cargo {subcommand}")),
        ActKind::CargoInstall { .. } => Some("cargo install".to_owned()),
        _ => None,
    })
}

fn say(scene: &Scene<'_>, report: &mut Reporter<'_>, run: &Run<'_>, found: &[Publish<'_>]) {
    let told = found
        .iter()
        .find(|p| p.token.as_ref().is_some_and(|t| t.wide))
        .or_else(|| found.iter().find(|p| p.token.is_some()));
    let Some(main) = told.or(found.first()) else { return };
    let registry = main.registry;
    let wide = main.token.as_ref().filter(|t| t.wide);
    let others = wide.and_then(|_| run.steps.iter().find_map(|step| runs_others(step, main.step)));
    let severity = if others.is_some() { Severity::Medium } else { Severity::Low };
    let mut draft = report
        .at(main.place, format!("publishes to {}", registry.name))
        .severity(severity)
        .confidence(if main.token.is_some() { Confidence::High } else { Confidence::Medium })
        .also(found.iter().map(|p| p.place))
        .about("registry", registry.name, None)
        .content(format!("{} {}", main.by, main.token.as_ref().map_or("", |t| t.secret.as_str())))
        .evidence(match &main.token {
            Some(token) => format!("the token is secret {}", token.secret),
            None => "the job cannot ask for an identity: no id-token: write".to_owned(),
        });
    if let Some(token) = &main.token {
        draft = draft.related(Place::new(run.file, token.span), "the token");
    }
    let message = match (&main.token, &others) {
        (Some(token), Some(other)) => format!(
            "secret {} publishes to {} and is handed to every step of its job, `{other}` among them",
            token.secret, registry.name
        ),
        (Some(token), None) => {
            format!("{} publishes to {} by secret {}, which stays valid", main.by, registry.name, token.secret)
        }
        (None, _) => format!("{} publishes to {} without the workflow's own identity", main.by, registry.name),
    };
    run.route(scene, draft).via(main.step.title(), Some(main.place)).advise(registry.instead).say(message);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_registry_has_what_to_do_instead() {
        for registry in registries::REGISTRIES {
            assert!(registry.instead.contains("id-token: write"), "{}", registry.name);
        }
    }

    #[test]
    fn the_own_token_is_told_from_stored_ones() {
        assert!(is_own("${{ secrets.GITHUB_TOKEN }}") && is_own("${{ github.token }}"));
        assert!(!is_own("${{ secrets.NPM_TOKEN }}"));
        assert_eq!(secret("${{ secrets.GITHUB_TOKEN }} ${{ secrets.A }}").as_deref(), Some("A"));
    }
}
