use std::collections::BTreeMap;

use super::scan;
use crate::scan::{FileReport, Format, Limits, Verdict, file};
use crate::source::{Bytes, Folder};

/// Files by path.
struct Held {
    paths: Vec<String>,
    files: BTreeMap<String, Vec<u8>>,
}

impl Held {
    fn new(files: &[(&str, &str)]) -> Self {
        let files: BTreeMap<String, Vec<u8>> =
            files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect();
        Self { paths: files.keys().cloned().collect(), files }
    }

    fn scanned(&self) -> Vec<FileReport> {
        let limits = Limits::default();
        let reports = self.files.iter().map(|(path, bytes)| (path.clone(), file(bytes, path, &limits))).collect();
        scan(self, &reports, &limits)
    }
}

impl Folder for Held {
    fn files(&self) -> &[String] {
        &self.paths
    }

    fn open(&self, path: &str) -> Result<Box<dyn Bytes + '_>, String> {
        let bytes = self.files.get(path).ok_or("it is not there")?;
        Ok(Box::new(bytes.as_slice()))
    }
}

fn scanned(files: &[(&str, &str)]) -> Vec<FileReport> {
    Held::new(files).scanned()
}

/// Path, verdict, and `rule inner_path` of each finding of an entry.
fn told(files: &[(&str, &str)]) -> Vec<(String, Verdict, Vec<String>)> {
    scanned(files)
        .into_iter()
        .map(|report| {
            let findings = report
                .findings
                .iter()
                .map(|finding| format!("{} {}", finding.rule.id, finding.inner_path.as_deref().unwrap_or("-")));
            (report.path, report.verdict, findings.collect())
        })
        .collect()
}

const CONFIG: &str =
    r#"{"model_type":"x","auto_map":{"AutoConfig":"configuration_x.XConfig","AutoModel":"modeling_x.X"}}"#;
const PLAIN: &str =
    "import torch\nfrom torch import nn\nclass X(nn.Module):\n    def forward(self, x):\n        return x\n";
const EVIL: &str = "import os\nos.system('id')\n";
const POINTER: &str = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 4096\n";

#[test]
fn code_of_a_model_is_told_with_all_that_it_imports() {
    let model = "from .helper import f\nfrom . import deeper\n";
    for (files, verdict, findings) in [
        (
            &[("config.json", CONFIG), ("configuration_x.py", PLAIN), ("modeling_x.py", PLAIN)][..],
            Verdict::Suspicious,
            &["custom-code config.json", "custom-code config.json"][..],
        ),
        (
            &[("config.json", CONFIG), ("configuration_x.py", EVIL), ("modeling_x.py", PLAIN)],
            Verdict::Dangerous,
            &["custom-code-dangerous configuration_x.py", "custom-code config.json", "custom-code config.json"],
        ),
        (
            &[
                ("config.json", CONFIG),
                ("configuration_x.py", PLAIN),
                ("modeling_x.py", model),
                ("helper.py", "from .sub.far import g"),
                ("deeper.py", PLAIN),
                ("sub/far.py", EVIL),
                ("unused.py", EVIL),
            ],
            Verdict::Dangerous,
            &["custom-code-dangerous sub/far.py", "custom-code config.json", "custom-code config.json"],
        ),
        (
            &[("config.json", r#"{"auto_map":{"AutoModel":"modeling_x.X"}}"#), ("other.py", EVIL)],
            Verdict::Suspicious,
            &["custom-code config.json", "unread config.json"],
        ),
        (
            &[("config.json", r#"{"auto_map":{"AutoModel":"a/b--modeling_x.X"}}"#)],
            Verdict::Suspicious,
            &["repository-foreign-code config.json"],
        ),
        (
            &[("config.json", r#"{"auto_map":{"AutoModel":"/tmp/modeling_x.X"}}"#)],
            Verdict::Dangerous,
            &["repository-escape config.json"],
        ),
        (
            &[("tokenizer_config.json", r#"{"auto_map":{"AutoTokenizer":["t.T",null]}}"#), ("t.py", EVIL)],
            Verdict::Dangerous,
            &["custom-code-dangerous t.py", "custom-code tokenizer_config.json"],
        ),
        (
            &[("config.json", r#"{"model_type":"x","trust_remote_code":true}"#)],
            Verdict::Suspicious,
            &["repository-trusts-code config.json"],
        ),
        (
            &[("config.json", r#"{"custom_pipelines":{"t":{"impl":"pipe.P"}}}"#), ("pipe.py", PLAIN)],
            Verdict::Suspicious,
            &["custom-code config.json"],
        ),
        (
            &[("generation_config.json", "{}"), ("custom_generate/generate.py", "def generate(model):\n  pass\n")],
            Verdict::Suspicious,
            &["custom-code generate.py"],
        ),
    ] {
        let found = told(files);
        let [(_, verdict_found, findings_found)] = found.as_slice() else { panic!("{files:?}: {found:?}") };
        assert_eq!(
            (*verdict_found, findings_found.as_slice()),
            (verdict, &findings.iter().map(|f| (*f).to_owned()).collect::<Vec<_>>()[..]),
            "{files:?}"
        );
    }
}

#[test]
fn pipelines_encoders_handlers_and_scripts_are_told() {
    let encoder =
        r#"[{"type":"sentence_transformers.models.Transformer","path":""},{"type":"custom_st.T","path":"1_T"}]"#;
    for (files, verdict, finding) in [
        (
            &[
                ("model_index.json", r#"{"_class_name":["my_pipeline","P"],"_diffusers_version":"1"}"#),
                ("my_pipeline.py", EVIL),
            ][..],
            Verdict::Dangerous,
            "custom-code model_index.json",
        ),
        (
            &[("model_index.json", r#"{"_class_name":"P","unet":["my_unet","U"]}"#), ("unet/my_unet.py", PLAIN)],
            Verdict::Suspicious,
            "custom-code model_index.json",
        ),
        (&[("modules.json", encoder), ("custom_st.py", PLAIN)], Verdict::Suspicious, "custom-code modules.json"),
        (
            &[("modules.json", r#"[{"type":"sentence_transformers.models.Dense","path":"../../x"}]"#)],
            Verdict::Dangerous,
            "repository-escape modules.json",
        ),
        (
            &[
                ("handler.py", "import os\nclass EndpointHandler:\n  def __call__(self, d):\n    os.system(d)\n"),
                ("config.json", "{}"),
            ],
            Verdict::Dangerous,
            "custom-code handler.py",
        ),
        (
            &[
                ("README.md", "# x"),
                ("my.py", "import datasets, os\nclass D(datasets.GeneratorBasedBuilder):\n  x = os.system('id')\n"),
            ],
            Verdict::Dangerous,
            "custom-code my.py",
        ),
        (
            &[
                ("2_Dense/config.json", r#"{"in_features":1,"activation_function":"os.system"}"#),
                ("modules.json", "[]"),
            ],
            Verdict::Dangerous,
            "repository-dangerous-class 2_Dense/config.json",
        ),
        (
            &[
                ("configuration.json", r#"{"task":"x","allow_remote":true}"#),
                ("ms_wrapper.py", "from modelscope import registry\n"),
            ],
            Verdict::Suspicious,
            "custom-code ms_wrapper.py",
        ),
        (
            &[
                ("handler.py", "class EndpointHandler: pass\n"),
                ("requirements.txt", "torch\ngit+https://example.com/x\n"),
            ],
            Verdict::Suspicious,
            "repository-requirements requirements.txt",
        ),
        (
            &[
                ("handler.py", "import os\nos.system('id')\nglobals()['Endpoint' + 'Handler'] = int\n"),
                ("config.json", "{}"),
            ],
            Verdict::Dangerous,
            "custom-code-dangerous handler.py",
        ),
        (
            &[("README.md", "---\ntask_categories:\n- x\n---\n"), ("set.py", EVIL), ("data.csv", "a,b")],
            Verdict::Dangerous,
            "custom-code-dangerous set.py",
        ),
        (
            &[("config.json", r#"{"auto_map":{"A":"m.M"}}"#), ("m.py", "# coding: utf-7\n+AGk-mport os\n")],
            Verdict::Suspicious,
            "unread m.py",
        ),
        (
            &[("tool_config.json", r#"{"tool_class":"tool.T"}"#), ("tool.py", PLAIN)],
            Verdict::Suspicious,
            "custom-code tool_config.json",
        ),
        (
            &[("1/model.py", "class TritonPythonModel:\n  pass\n"), ("config.pbtxt", "name: \"x\"")],
            Verdict::Suspicious,
            "custom-code 1/model.py",
        ),
        (
            &[
                ("MLmodel", "flavors:\n  python_function:\n    loader_module: loader\n    code: code\n"),
                ("code/loader.py", EVIL),
            ],
            Verdict::Dangerous,
            "custom-code MLmodel",
        ),
    ] {
        let found = told(files);
        let [(_, verdict_found, findings)] = found.as_slice() else { panic!("{files:?}: {found:?}") };
        assert_eq!(*verdict_found, verdict, "{files:?}: {findings:?}");
        assert!(findings.iter().any(|f| f == finding), "{files:?}: {findings:?}");
    }
}

#[test]
fn what_nothing_runs_is_not_told() {
    for files in [
        &[("config.json", r#"{"model_type":"llama","architectures":["X"]}"#), ("convert.py", EVIL), ("app.py", EVIL)][..],
        &[("config.json", r#"{"auto_map":null,"trust_remote_code":false}"#)],
        &[
            ("src/handler.py", "import subprocess\ndef handler(event):\n  subprocess.run(event)\n"),
            ("src/README.md", "# x"),
        ],
        &[("README.md", "---\ntask_categories:\n- x\n---\n"), ("a.py", EVIL), ("b.py", EVIL), ("data.csv", "a,b")],
        &[("pkg/__init__.py", ""), ("pkg/builder.py", "class X(GeneratorBasedBuilder): pass"), ("pkg/data.json", "{}")],
        &[("README.md", "# x"), ("train.py", EVIL)],
        &[("2_Dense/config.json", r#"{"activation_function":"torch.nn.modules.activation.Tanh"}"#)],
        &[("config.json", r#"{"activation_function":"gelu_new","types":{"a":"b"}}"#)],
        &[(
            "modules.json",
            r#"[{"type":"sentence_transformers.models.Transformer","path":""},{"type":"sentence_transformers.models.Pooling","path":"1_Pooling"}]"#,
        )],
        &[
            (
                "model_index.json",
                r#"{"_class_name":"P","_diffusers_version":"1","unet":["diffusers","U"],"x":[null,null]}"#,
            ),
            ("unet/config.json", r#"{"_class_name":"U","down_block_types":["A","B"]}"#),
        ],
        &[("a.safetensors.index.json", r#"{"weight_map":{"a":"a.bin","b":"a.bin"}}"#), ("a.bin", "x")],
    ] {
        assert_eq!(told(files), [], "{files:?}");
    }
}

#[test]
fn weights_that_are_missing_or_twice_are_told() {
    let index = r#"{"metadata":{},"weight_map":{"a":"m-1.bin","b":"m-2.bin","c":"../x.bin"}}"#;
    let found = scanned(&[("m.bin.index.json", index), ("m-1.bin", "x")]);
    assert_eq!(found[0].verdict, Verdict::Unread);
    assert_eq!(found[0].findings.len(), 1);
    assert_eq!(found[0].findings[0].message, "`m-2.bin`, one of 3 files of weights, is not there");
    assert_eq!(found[0].findings[0].offset, Some(47));
    let found =
        scanned(&[("a/config.json", "{}"), ("a/1.safetensors", POINTER), ("a/2.bin", POINTER), ("a/3.bin", "x")]);
    assert_eq!((found[0].path.as_str(), found[0].verdict), ("a/", Verdict::Unread));
    assert!(found[0].findings[0].message.starts_with("2 of 3 weights are pointers of git LFS"), "{found:?}");
    let pickle = "(dp0\n.";
    let found = scanned(&[("pytorch_model.bin", pickle), ("model-00001-of-00002.safetensors", "x")]);
    assert_eq!(found[0].verdict, Verdict::Clean);
    assert_eq!(found[0].findings[0].rule.id, "pickle-beside-safetensors");
}

#[test]
fn folders_are_grouped_into_models() {
    let found = scanned(&[
        ("models--a--b/blobs/00", CONFIG),
        ("models--a--b/refs/main", "c0"),
        ("models--a--b/snapshots/c0/config.json", CONFIG),
        ("models--a--b/snapshots/c0/configuration_x.py", PLAIN),
        ("models--a--b/snapshots/c0/modeling_x.py", PLAIN),
        ("pipe/model_index.json", "{}"),
        ("pipe/unet/config.json", r#"{"auto_map":{"A":"m.M"}}"#),
        ("pipe/m.py", EVIL),
        ("saved/saved_model.pb", ""),
        ("saved/assets.extra/x.bin", POINTER),
    ]);
    let entries: Vec<_> = found.iter().map(|r| (r.path.as_str(), r.format, r.verdict)).collect();
    assert_eq!(
        entries,
        [
            ("models--a--b/snapshots/c0/", Format::HubRepository, Verdict::Suspicious),
            ("pipe/", Format::HubRepository, Verdict::Dangerous),
            ("saved/", Format::SavedModel, Verdict::Unread),
        ]
    );
    assert!(found[1].findings.iter().any(|f| f.inner_path.as_deref() == Some("unet/config.json")));
}

#[test]
fn large_folders_and_hostile_ones_end() {
    let mut files: Vec<(String, String)> =
        (0..20_000).map(|n| (format!("d/{n}/x.py"), "import y".to_owned())).collect();
    files.push(("config.json".to_owned(), CONFIG.to_owned()));
    // A ring, and a chain that is longer than is followed.
    files.push(("configuration_x.py".to_owned(), "from . import modeling_x, n0".to_owned()));
    files.push(("modeling_x.py".to_owned(), "from . import configuration_x".to_owned()));
    for n in 0..2000 {
        files.push((format!("n{n}.py"), format!("from . import n{}", n + 1)));
    }
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let held = Held::new(&files);
    let found = scan(&held, &BTreeMap::new(), &Limits::default());
    assert_eq!(found.len(), 1);
    assert!(found[0].findings.iter().any(|f| f.message.contains("imports more files than are followed")));
}
