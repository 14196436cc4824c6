//! What expressions of templates stand for.

use super::*;
use crate::source::Spanned;

fn values(pairs: &[(&str, &str)]) -> Vec<(String, Spanned<String>)> {
    let at = |at: usize| Span::new(at * 10 + 1, at * 10 + 9);
    let all = pairs.iter().enumerate();
    all.map(|(index, (way, text))| ((*way).to_owned(), Spanned::new((*text).to_owned(), at(index)))).collect()
}

#[test]
fn expressions_of_templates_stand_for_values() {
    let chart = Deployment {
        file: FileId(0),
        form: DeploymentForm::Chart,
        values: values(&[("name", "front"), ("version", "0.1.0"), ("appVersion", "2.0")]),
        ..Deployment::default()
    };
    let own = Deployment {
        file: FileId(1),
        form: DeploymentForm::Values,
        values: values(&[
            ("image.repository", "acme/front"),
            ("image.tag", ""),
            ("server.image.registry", "registry.example.com"),
            ("server.image.repository", "serve"),
            ("server.image.tag", "5"),
            ("router.repository", "acme/router"),
            ("router.tag", "1"),
            ("side.image", "acme/side:3"),
            ("icon.image", "icon.png"),
            ("adapter.repository", "acme/adapter"),
            ("images.default", "acme/engine:7"),
            ("cache.enabled", "false"),
            ("cache.image.repository", "acme/cache"),
        ]),
        ..Deployment::default()
    };
    let (at, path) = (RepoPath::new("c/Chart.yaml").unwrap(), RepoPath::new("c/values.yaml").unwrap());
    let all = [(&chart, &at), (&own, &path)];
    let charts = chart::all(&all);
    let template = RepoPath::new("c/templates/deep/web.yaml").unwrap();
    let chart = chart::of_template(&charts, &template).unwrap();
    let place = everywhere(FileId(2));
    let mut wrong = Vec::new();
    for (text, wanted) in [
        (
            "{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}",
            Some(("acme/front:2.0", State::Known)),
        ),
        (
            "{{ .Values.image.repository }}:{{ default .Chart.AppVersion .Values.image.tag | quote }}",
            Some(("acme/front:2.0", State::Known)),
        ),
        ("{{- .Values.image.repository -}}:v{{ $.Chart.Version }}", Some(("acme/front:v0.1.0", State::Known))),
        (
            "{{ printf \"%s/%s:%s\" .Values.server.image.registry .Values.server.image.repository (.Values.server.image.tag | toString) }}",
            Some(("registry.example.com/serve:5", State::Known)),
        ),
        (
            "{{ required \"say | it\" .Values.router.repository }}:{{ required \"tag\" .Values.router.tag }}",
            Some(("acme/router:1", State::Known)),
        ),
        ("{{ coalesce .Values.none.tag .Values.image.tag .Values.side.image }}", Some(("acme/side:3", State::Known))),
        // A helper makes it of the image that it is given.
        (
            "{{ include \"image\" (dict \"root\" . \"image\" .Values.server.image) }}",
            Some(("registry.example.com/serve:5", State::Known)),
        ),
        ("{{ .Values.image.repository }}:{{ ternary \"a\" \"b\" .Values.gpu }}", Some(("acme/front", State::Untagged))),
        ("{{ $image }}", None),
        ("{{ include \"image\" . }}", None),
        ("{{ .Values.none.image }}", None),
        ("{{", None),
    ] {
        let found = chart.image(text, place);
        let found = found.as_ref().map(|run| (run.text.as_str(), run.state));
        if found != wanted {
            wrong.push(format!("{text}: {found:?}"));
        }
    }
    assert_eq!(wrong, [""; 0]);
    for (text, wanted) in [
        ("{{ include \"front.fullname\" . }}-web", "front-web"),
        ("{{ .Release.Name }}-web", "front-web"),
        ("{{ .Chart.Name }}", "front"),
        ("{{ $x }}", ""),
    ] {
        assert_eq!(chart.named(text), wanted, "{text}");
    }
    let named = super::values::images(&own);
    let named: Vec<(&str, &str, bool)> =
        named.iter().map(|one| (one.way.as_str(), one.run.text.as_str(), one.is_off)).collect();
    assert_eq!(
        named,
        [
            ("image", "acme/front", false),
            ("server.image", "registry.example.com/serve:5", false),
            ("router", "acme/router:1", false),
            ("side.image", "acme/side:3", false),
            ("images.default", "acme/engine:7", false),
            ("cache.image", "acme/cache", true),
        ]
    );
}
