use serde_json::{Value, json};

use super::*;

/// `app` needs the crates of `needs`, each with the words that say how.
fn example(needs: &[(&str, Value)]) -> Value {
    let own = "path+file:///src/app#app@0.1.0";
    let id = |name: &str| format!("registry+https://registry.example.com/index#{name}@1.0.0");
    let package = |name: &str, id: &str, folder: &str, source: Value, needs: Vec<Value>, features: Value| {
        json!({
            "name": name, "version": if source.is_null() { "0.1.0" } else { "1.0.0" }, "id": id, "source": source,
            "dependencies": needs, "features": features, "manifest_path": format!("{folder}/Cargo.toml"),
            "edition": "2021",
            "targets": [{"name": name, "kind": ["lib"], "crate_types": ["lib"], "required_features": [],
                "src_path": format!("{folder}/src/lib.rs"), "edition": "2021", "doctest": true, "test": true, "doc": true}],
        })
    };
    let mut declared = Vec::new();
    let mut deps = Vec::new();
    let mut packages = Vec::new();
    let mut nodes = Vec::new();
    let mut features = serde_json::Map::new();
    for (name, how) in needs {
        let mut one = json!({"name": name, "source": null, "req": "^1", "kind": null, "optional": false,
            "uses_default_features": true, "features": [], "target": null, "rename": null});
        for (key, value) in how.as_object().into_iter().flatten() {
            one[key] = value.clone();
        }
        if one["optional"] == true {
            features.insert((*name).to_owned(), json!([format!("dep:{name}")]));
        }
        deps.push(
            json!({"name": name, "pkg": id(name), "dep_kinds": [{"kind": one["kind"], "target": one["target"]}]}),
        );
        declared.push(one);
        let source = json!("registry+https://registry.example.com/index");
        packages.push(package(name, &id(name), &format!("/home/registry/{name}"), source, Vec::new(), json!({})));
        nodes.push(json!({"id": id(name), "deps": [], "dependencies": [], "features": []}));
    }
    packages.push(package("app", own, "/src/app", Value::Null, declared, Value::Object(features)));
    let dependencies: Vec<Value> = deps.iter().map(|d| d["pkg"].clone()).collect();
    nodes.push(json!({"id": own, "deps": deps, "dependencies": dependencies, "features": []}));
    json!({
        "packages": packages, "workspace_members": [own], "resolve": {"nodes": nodes, "root": own},
        "workspace_root": "/src/app", "target_directory": "/src/app/target", "version": 1, "metadata": null,
    })
}

fn read(value: &Value) -> Result<Metadata, String> {
    parse(&value.to_string(), &mut Budget::default()).map_err(|problem| problem.message)
}

#[test]
fn each_way_of_needing_a_crate_is_a_class() {
    let value = example(&[
        ("plain", json!({})),
        ("chosen", json!({"optional": true})),
        ("builds", json!({"kind": "build"})),
        ("windows", json!({"target": "cfg(windows)"})),
        ("tests", json!({"kind": "dev"})),
    ]);
    let metadata = read(&value).unwrap();
    let classes = metadata.classes(Resolver::V2).unwrap();
    let named: Vec<(&str, BuildClass)> =
        metadata.packages.iter().map(|p| p.name.as_str()).zip(classes.iter().copied()).collect();
    assert_eq!(
        named,
        [
            ("plain", BuildClass::DefaultRuntime),
            ("chosen", BuildClass::NonDefaultFeature),
            // Nothing runs a build script here, so nothing needs what it would need.
            ("builds", BuildClass::NeverBuilt),
            ("windows", BuildClass::OtherPlatform),
            ("tests", BuildClass::DevOnly),
            ("app", BuildClass::DefaultRuntime),
        ]
    );
    let [app] = metadata.members.as_slice() else { panic!("one member") };
    assert_eq!((app.name.as_str(), app.folder.as_deref()), ("app", Some("")));
    assert_eq!(app.dependencies.len(), 5);
    assert_eq!(metadata.root_edition.as_deref(), Some("2021"));
}

#[test]
fn every_common_platform_is_known() {
    for triple in COMMON_PLATFORMS {
        assert!(guppy::platform::Platform::new(*triple, guppy::platform::TargetFeatures::Unknown).is_ok(), "{triple}");
    }
}

#[test]
fn a_build_script_makes_its_needs_build_time() {
    let mut value = example(&[("builds", json!({"kind": "build"}))]);
    let script = json!({"name": "build-script-build", "kind": ["custom-build"], "crate_types": ["bin"],
        "src_path": "/src/app/build.rs", "edition": "2021", "doctest": false, "test": false, "doc": false});
    value["packages"][1]["targets"].as_array_mut().unwrap().push(script);
    let classes = read(&value).unwrap().classes(Resolver::V2).unwrap();
    assert_eq!(classes, [BuildClass::BuildTime, BuildClass::DefaultRuntime]);
}

#[test]
fn what_cargo_does_not_write_is_refused() {
    let with = |change: &dyn Fn(&mut Value)| {
        let mut value = example(&[("plain", json!({}))]);
        change(&mut value);
        read(&value).map(|m| m.classes(Resolver::V1).map_err(|p| p.message)).err().unwrap_or_default()
    };
    let deep = |n: usize| format!("cfg({}unix{})", "not(".repeat(n), ")".repeat(n));
    for (words, change) in [
        ("not what", (&|v: &mut Value| v["packages"] = Value::Null) as &dyn Fn(&mut Value)),
        ("no-deps", &|v| v["resolve"] = Value::Null),
        ("too deep", &|v| v["packages"][1]["dependencies"][0]["target"] = json!(deep(9_000))),
        ("too deep", &|v| v["resolve"]["nodes"][1]["deps"][0]["dep_kinds"][0]["target"] = json!(deep(9_000))),
        ("too many", &|v| v["packages"] = json!(vec![v["packages"][0].clone(); 300])),
        ("not found", &|v| v["workspace_members"] = json!(["nobody"])),
        ("", &|v| v["packages"][1]["dependencies"][0]["rename"] = json!("other")),
        ("", &|v| v["resolve"]["nodes"] = json!([])),
        ("JSON", &|v| *v = json!([])),
    ] {
        let why = with(change);
        assert!(words == "JSON" || why.contains(words), "{words}: {why}");
    }
    for text in ["", "{", "[]", "\u{feff}{}", &"[".repeat(100_000), &"{\"packages\":".repeat(10_000)] {
        assert!(parse(text, &mut Budget::default()).is_err());
    }
    let text = example(&[("plain", json!({}))]).to_string();
    assert!(parse(&text, &mut Budget { bytes: 100, ..Budget::default() }).is_err());
    assert!(parse(&text, &mut Budget { items: 10, ..Budget::default() }).is_err());
}

/// Cycles through dev-dependencies are of this world, those of normal ones are not; both end.
#[test]
fn cycles_end() {
    let mut value = example(&[("one", json!({})), ("two", json!({}))]);
    for (from, to) in [(0, 1), (1, 0)] {
        let name = value["packages"][to]["name"].clone();
        value["packages"][from]["dependencies"] = json!([{"name": name, "source": null, "req": "^1", "kind": null,
            "optional": false, "uses_default_features": true, "features": [], "target": null}]);
        value["resolve"]["nodes"][from]["deps"] = json!([{"name": name, "pkg": value["packages"][to]["id"],
            "dep_kinds": [{"kind": null, "target": null}]}]);
    }
    let metadata = read(&value).unwrap();
    assert_eq!(metadata.classes(Resolver::V1).unwrap(), [BuildClass::DefaultRuntime; 3]);
}
