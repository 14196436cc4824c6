//! What small trees load, in tables: the files, and what is found in them.

use super::{Module, Paths, extend, look, program, settle};
use crate::references::{Pin, Reference, Standing, Unresolved};

/// What a tree of these files loads.
fn loads(files: &[(&str, &str)]) -> (Vec<Reference>, Vec<Unresolved>) {
    let modules: Vec<Module> = files.iter().map(|(path, text)| Module::of_file(path, (*text).to_owned())).collect();
    let paths = Paths::new(files.iter().map(|(path, _)| (*path).to_owned()).collect());
    let mut program = program(&paths);
    extend(&mut program, &modules, 1);
    let is_there = |path: &str| path == "there/model" || (path == "test" && files.len() > 1);
    settle((0..modules.len()).map(|index| look(&program, index, &is_there)).collect())
}

/// One line for each reference: kind, name, revision, line, standing.
fn shown(files: &[(&str, &str)]) -> Vec<String> {
    let (references, _) = loads(files);
    let line = |one: &Reference| {
        let text = files.iter().find(|(path, _)| *path == &*one.place.path).map_or("", |(_, text)| text);
        let before = text.get(..usize::try_from(one.place.span.start).unwrap_or(0)).unwrap_or("");
        before.matches('\n').count() + 1
    };
    references
        .iter()
        .map(|one| {
            let revision = one.revision.as_deref().map(|r| format!("@{r}")).unwrap_or_default();
            let default = if one.standing == Standing::Default { " default" } else { "" };
            format!("{} {}{revision} {}{default}", one.kind.word(), one.name, line(one))
        })
        .collect()
}

#[test]
fn owners_of_samples_are_somebodys_where_a_loader_is_given_them() {
    const FROM: &str = "from transformers import AutoModel\n";
    for (name, told, unresolved) in [
        ("org/evil-7b", Some("model org/evil-7b 2"), 0),
        ("user/gpt2", Some("model user/gpt2 2"), 0),
        ("test/evil", Some("model test/evil 2"), 0),
        // A folder, or a name: who runs it finds out.
        ("models/gpt2", None, 1),
        ("checkpoints/evil", None, 1),
        ("org/model", None, 1),
        ("there/model", None, 0),
        ("your-org/gpt2", None, 0),
        ("path/to", None, 0),
        ("<org>/gpt2", None, 0),
        ("models/x.safetensors", None, 0),
    ] {
        let files = [("a.py", &*format!("{FROM}AutoModel.from_pretrained('{name}')\n"))];
        assert_eq!(shown(&files), told.into_iter().collect::<Vec<_>>(), "{name}");
        assert_eq!(loads(&files).1.len(), unresolved, "{name}");
    }
    // The tree has the folder.
    let files = [("a.py", &*format!("{FROM}AutoModel.from_pretrained('test/evil')\n")), ("test/b.py", "")];
    assert_eq!(shown(&files), Vec::<String>::new());
    // What is no argument of a loader stays a sample.
    assert_eq!(shown(&[("a.py", "MODEL = 'org/evil-7b'\n")]), Vec::<String>::new());
}

#[test]
fn values_are_followed_to_their_literals() {
    const FROM: &str =
        "from transformers import AutoModel, AutoTokenizer, pipeline\nfrom datasets import load_dataset\n";
    for (text, expected) in [
        ("AutoModel.from_pretrained('acme/x')", &["model acme/x 3"][..]),
        ("A = 'acme/x'\nAutoModel.from_pretrained(A, revision='main')", &["model acme/x@main 3"]),
        ("O = 'acme'\nAutoModel.from_pretrained(f'{O}/x')", &["model acme/x 4"]),
        ("O = 'acme'\nAutoModel.from_pretrained(O + '/x')", &["model acme/x 4"]),
        ("AutoModel.from_pretrained('%s/x' % 'acme')", &["model acme/x 3"]),
        ("AutoModel.from_pretrained('{}/{n}'.format('acme', n='x'))", &["model acme/x 3"]),
        ("for n in ['acme/a', 'acme/b']:\n    AutoModel.from_pretrained(n)", &["model acme/a 3", "model acme/b 3"]),
        ("M = {'a': 'acme/a', 'b': 'acme/b'}\nAutoModel.from_pretrained(M['b'])", &["model acme/b 3"]),
        ("for k, v in {'a': 'acme/a'}.items():\n    AutoModel.from_pretrained(v)", &["model acme/a 3"]),
        ("def f(n='acme/x'):\n    AutoModel.from_pretrained(n)", &["model acme/x 3 default"]),
        ("def f(n):\n    AutoModel.from_pretrained(n)\nf('acme/x')", &["model acme/x 5"]),
        ("import os\nAutoModel.from_pretrained(os.environ.get('M', 'acme/x'))", &["model acme/x 4 default"]),
        ("AutoModel.from_pretrained('acme/x' if big else 'acme/y')", &["model acme/x 3", "model acme/y 3"]),
        ("n = 'acme/x'\nAutoModel.from_pretrained(n)\nAutoTokenizer.from_pretrained(n)", &["model acme/x 3"]),
        ("AutoTokenizer.from_pretrained('acme/x')", &["tokenizer acme/x 3"]),
        ("load_dataset('json', data_files='x.json')\nload_dataset('squad')", &["dataset squad 4"]),
        ("pipeline('text-generation', model='acme/x', tokenizer='acme/t')", &["model acme/x 3", "tokenizer acme/t 3"]),
        ("AutoModel.from_pretrained('./local')\nAutoModel.from_pretrained('there/model')", &[]),
        ("'''AutoModel.from_pretrained('acme/x')'''\n# AutoModel.from_pretrained('acme/y')", &[]),
        ("if name == 'acme/x':\n    pass", &[]),
        ("x.push_to_hub(repo_id='acme/x')", &[]),
    ] {
        assert_eq!(shown(&[("a.py", &format!("{FROM}{text}\n"))]), expected, "{text}");
    }
}

#[test]
fn tables_wrappers_and_addresses_are_followed() {
    const FROM: &str = "from transformers import AutoModel\nfrom peft.helpers import create_arrow_model\n";
    let table: String = (0..120).map(|n| format!("'l{n}': 'acme/m{n:03}', ")).collect();
    let expected: Vec<String> = (0..120).map(|n| format!("model acme/m{n:03} 3")).collect();
    let text = format!("{FROM}T = {{{table}}}\ndef f(l):\n    AutoModel.from_pretrained(T[l])\n");
    assert_eq!(shown(&[("a.py", &text)]), expected);
    let text = format!("{FROM}T = {{{table}}}\ndef f(l):\n    AutoModel.from_pretrained(T.get(l))\n");
    assert_eq!(shown(&[("a.py", &text)]), expected);
    for (text, expected) in [
        // A downloader of the tree's own; what nobody knows of the address leaves the name.
        (
            "def get(repo, subset):\n    u = f'https://huggingface.co/api/datasets/{repo}/parquet/{subset}'\n\
             def a(s):\n    get('acme/d', s)\ndef b(s):\n    get('acme/e', subset=s)",
            &["dataset acme/d 6", "dataset acme/e 8"][..],
        ),
        (
            "def get(repo_id, f, revision='main'):\n    base = 'https://huggingface.co'\n    \
             u = f'{base}/{repo_id}/resolve/{revision}/{f}'\nclass T:\n    def __init__(self, repo_id, f):\n        \
             get(repo_id, f)\ndef a(f):\n    T(repo_id='acme/x', f=f)",
            &["model acme/x@main 10"],
        ),
        // Adapters in folders of one repository.
        (
            "p = [f'acme/experts/e_{i}' for i in range(3)]\ncreate_arrow_model(base, p, None, ['acme/g/a/1', 'acme/g/b'])",
            &["adapter acme/experts 3", "adapter acme/g 4", "adapter acme/g 4"],
        ),
        ("cmd = 'serve'\ncmd += ' --tokenizer acme/tok'", &["tokenizer acme/tok 4"]),
        ("MODEL_URL = 'https://example.com/w/v1.tar'", &["model https://example.com/w/v1.tar 3"]),
        ("u = 'https://example.com/w/v1.tar'", &[]),
    ] {
        assert_eq!(shown(&[("a.py", &format!("{FROM}{text}\n"))]), expected, "{text}");
    }
}

#[test]
fn a_revision_that_callers_give_is_dynamic() {
    let text = "from transformers import AutoModel\ndef f(more: dict):\n    r = more.get('revision', 'main')\n    \
                return AutoModel.from_pretrained('acme/x', revision=r)\n";
    let (references, _) = loads(&[("a.py", text)]);
    assert_eq!(references.iter().map(|one| one.pin).collect::<Vec<_>>(), [Pin::Dynamic]);
}

#[test]
fn names_of_hosted_models_may_say_their_party() {
    for (text, expected) in [
        (
            "from langchain.chat_models import init_chat_model\ninit_chat_model('openai:gpt-4.1')",
            &["model gpt-4.1 2"][..],
        ),
        (
            "from pydantic_ai import Agent\nAgent('anthropic:claude-3-5-sonnet-latest')",
            &["model claude-3-5-sonnet-latest 2"],
        ),
        (
            "import openai\nclass C:\n    research_model: str = field(default='openai:gpt-4.1')\n    mini_model: str = 'o3-mini'",
            &["model gpt-4.1 3 default", "model o3-mini 4"],
        ),
        (
            "import litellm\ndef f(model_id=None):\n    if not model_id:\n        model_id = 'anthropic/claude-3-opus'",
            &["model anthropic/claude-3-opus 4"],
        ),
    ] {
        assert_eq!(shown(&[("a.py", &format!("{text}\n"))]), expected, "{text}");
    }
}

#[test]
fn a_name_and_its_revision_come_from_one_caller() {
    let text = "from transformers import AutoModel\ndef f(n, r):\n    return AutoModel.from_pretrained(n, revision=r)\n\
                f('acme/a', 'v1')\nf('acme/b', 'v2')\n";
    assert_eq!(shown(&[("a.py", text)]), ["model acme/a@v1 4", "model acme/b@v2 5"]);
}

#[test]
fn values_are_followed_through_modules_classes_and_options() {
    for (files, expected) in [
        (
            &[
                ("p/names.py", "M = 'acme/x'\n"),
                ("p/a.py", "from transformers import AutoModel\nfrom .names import M\nAutoModel.from_pretrained(M)\n"),
            ][..],
            &["model acme/x 1"][..],
        ),
        (
            &[(
                "a.py",
                "import argparse\nfrom vllm import LLM\np = argparse.ArgumentParser()\np.add_argument('--model', default='acme/x')\n\
                        args = p.parse_args()\nLLM(args.model)\n",
            )],
            &["model acme/x 4 default"],
        ),
        (
            &[(
                "a.py",
                "from transformers import AutoModel\nclass A:\n    def __init__(self, n):\n        self.n = n\n    def load(self):\n\
                        \u{20}       return AutoModel.from_pretrained(self.n)\nA('acme/x').load()\n",
            )],
            &["model acme/x 7"],
        ),
        (
            &[(
                "a.py",
                "from transformers import AutoModel\nfrom dataclasses import dataclass, field\n@dataclass\nclass C:\n    n: str = field(default='acme/x')\n\
                        def f(c: C):\n    AutoModel.from_pretrained(c.n)\n",
            )],
            &["model acme/x 5 default"],
        ),
        (
            &[(
                "t.py",
                "import pytest\nfrom transformers import AutoModel\n@pytest.mark.parametrize('n,r', [('acme/x', 'v1'), ('acme/y', 'v1')])\n\
                        def test(n, r):\n    AutoModel.from_pretrained(n, revision=r)\n",
            )],
            &["model acme/x@v1 3", "model acme/y@v1 3"],
        ),
    ] {
        assert_eq!(shown(files), expected, "{files:?}");
    }
}

#[test]
fn loaders_of_many_packages_are_known() {
    for (text, hub, name, pin) in [
        ("import torch\ntorch.hub.load('a/b:v1.0', 'net')", "torch-hub", "a/b:net", Pin::Tag),
        ("from ultralytics import YOLO\nYOLO('yolov8n.pt')", "ultralytics", "yolov8n.pt", Pin::None),
        ("import spacy\nspacy.load('en_core_web_sm')", "spacy", "en_core_web_sm", Pin::None),
        ("import timm\ntimm.create_model('resnet50', pretrained=True)", "timm", "resnet50", Pin::None),
        (
            "from sentence_transformers import SentenceTransformer\nSentenceTransformer('all-MiniLM-L6-v2')",
            "huggingface",
            "all-MiniLM-L6-v2",
            Pin::None,
        ),
        ("from langchain_ollama import ChatOllama\nChatOllama(model='llama3:8b')", "ollama", "llama3", Pin::Tag),
        (
            "from openai import OpenAI\nc = OpenAI()\nc.chat.completions.create(model='gpt-4o', messages=[])",
            "openai",
            "gpt-4o",
            Pin::None,
        ),
        ("from kernels import get_kernel\nget_kernel('acme/k', revision='main')", "huggingface", "acme/k", Pin::Branch),
        ("import whisper\nwhisper.load_model('base')", "whisper", "base", Pin::None),
        ("U = 'https://example.com/w.safetensors'", "address", "https://example.com/w.safetensors", Pin::None),
        ("U = 'https://huggingface.co/o/n/resolve/v1/w.bin'", "huggingface", "o/n", Pin::Tag),
    ] {
        let (references, _) = loads(&[("a.py", text)]);
        let found: Vec<_> = references.iter().map(|one| (one.hub.word(), one.name.as_str(), one.pin)).collect();
        assert_eq!(found, [(hub, name, pin)], "{text}");
    }
}

#[test]
fn commits_are_written_where_the_call_takes_them() {
    for (call, expected) in [
        ("AutoModel.from_pretrained('acme/x')", "AutoModel.from_pretrained('acme/x', revision=\"COMMIT\")"),
        (
            "AutoModel.from_pretrained('acme/x', revision='main')",
            "AutoModel.from_pretrained('acme/x', revision=\"COMMIT\")",
        ),
        (
            "AutoModel.from_pretrained('acme/x', revision=None)",
            "AutoModel.from_pretrained('acme/x', revision=\"COMMIT\")",
        ),
        ("load_dataset('acme/x', 'part', split='a')", "load_dataset('acme/x', 'part', split='a', revision=\"COMMIT\")"),
        (
            "AutoModel.from_pretrained('acme/x', device=0)",
            "AutoModel.from_pretrained('acme/x', revision=\"COMMIT\", device=0)",
        ),
        ("torch.hub.load('a/b', 'n')", "torch.hub.load('a/b:COMMIT', 'n')"),
        ("torch.hub.load('a/b:main', 'n')", "torch.hub.load('a/b:COMMIT', 'n')"),
    ] {
        let text =
            format!("import torch\nfrom transformers import AutoModel\nfrom datasets import load_dataset\n{call}\n");
        let (references, _) = loads(&[("a.py", &text)]);
        let edit = references.first().and_then(|one| one.edit.clone()).expect(call);
        let mut changed = text.clone();
        changed.replace_range(edit.at.span.range(text.len()), &format!("{}COMMIT{}", edit.before, edit.after));
        assert_eq!(changed.lines().nth(3), Some(expected));
    }
}

#[test]
fn what_is_said_of_trust_is_kept_and_what_is_not_known_is_told() {
    let text = "import torch\nfrom transformers import AutoModel\nfrom huggingface_hub import hf_hub_download\n\
                AutoModel.from_pretrained('acme/x', trust_remote_code=True)\nAutoModel.from_pretrained(unknown(), trust_remote_code=flag)\n\
                torch.load(hf_hub_download('acme/y', 'w.bin'), weights_only=False)\ntorch.load(path, weights_only=False)\n";
    let (references, unresolved) = loads(&[("a.py", text)]);
    let said: Vec<_> = references
        .iter()
        .map(|one| {
            (
                one.name.as_str(),
                one.loader.by.as_str(),
                one.loader.remote_code.map(|s| s.word()),
                one.loader.weights_only.map(|s| s.word()),
            )
        })
        .collect();
    assert_eq!(
        said,
        [("acme/x", "AutoModel.from_pretrained", Some("true"), None), ("acme/y", "torch.load", None, Some("false"))]
    );
    assert_eq!(references.last().map(|one| one.files.clone()), Some(vec!["w.bin".to_owned()]));
    let told: Vec<_> = unresolved.iter().map(|one| (one.text.as_str(), one.loader.by.as_str())).collect();
    assert_eq!(told, [("unknown()", "AutoModel.from_pretrained"), ("path", "torch.load")]);
}

#[test]
fn what_tests_name_is_theirs() {
    let product = "from transformers import AutoModel\ndef load(n):\n    return AutoModel.from_pretrained(n, trust_remote_code=True)\n";
    let test = "from p import load\ndef test_it():\n    load('orion/x')\n";
    let (found, _) = loads(&[("p.py", product), ("tests/test_p.py", test)]);
    let [one] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!((one.name.as_str(), &*one.place.path, one.call.is_none()), ("orion/x", "tests/test_p.py", true));
    assert_eq!(one.edit, None);
    let kept = "from p import load\nNAME = 'orion/x'\ndef test_it():\n    load(NAME)\n";
    let (found, _) = loads(&[("p.py", product), ("tests/test_p.py", kept)]);
    let calls: Vec<_> = found.iter().map(|one| one.call.as_ref().map(|at| &*at.path)).collect();
    assert_eq!(calls, [Some("tests/test_p.py")]);
    for (patch, count) in [
        ("monkeypatch.setattr('transformers.AutoModel.from_pretrained', fake)", 0),
        ("monkeypatch.setattr(p.AutoModel, 'from_pretrained', fake)", 0),
        ("monkeypatch.setattr(os, 'getcwd', fake)", 1),
    ] {
        let test = format!("from p import load\ndef test_it(monkeypatch):\n    {patch}\n    load('orion/x')\n");
        let (found, _) = loads(&[("p.py", product), ("tests/test_p.py", &test)]);
        assert_eq!(found.len(), count, "{patch}");
    }
}

#[test]
fn what_loads_nothing_is_none_and_what_others_run_is_theirs() {
    for (text, expected) in [
        ("try_to_load_from_cache(repo_id='orion/x', filename='a.bin')", &[][..]),
        ("snapshot_download('orion/x', local_files_only=True)", &[]),
        ("def f():\n    url = 'https://huggingface.co/orion/x/resolve/main/a.pt'\n    check_url(url)", &[]),
        ("check_url('https://huggingface.co/orion/x/resolve/main/a.pt')", &[]),
        ("check_and_download('https://huggingface.co/orion/x/resolve/main/a.pt')", &["model orion/x@main 2"]),
        ("client.text_to_image(model='orion/x')", &["model orion/x 2"]),
        ("ModelResponse(model='openai/gpt-5-nano')", &["model openai/gpt-5-nano 2"]),
        ("def g():\n    M = {'repo_id': 'orion/kern', 'layer_name': 'Linear'}", &["kernel orion/kern 3"]),
        (
            "def of_kernels():\n    m['a'] = {\n'repo_id': 'orion/kern',\n'revision': 'main'}",
            &["kernel orion/kern@main 4"],
        ),
        ("hf_hub_download('orion/x'.replace('x', 'y'), 'a.bin')", &["model orion/y 2"]),
    ] {
        let text = format!("from huggingface_hub import *\n{text}\n");
        assert_eq!(shown(&[("a.py", &text)]), expected, "{text}");
    }
    let branches = "def f(n='text-embedding-3-small'):\n    return HuggingFaceEmbeddings(model_name=n)\n";
    let (found, _) = loads(&[("a.py", branches)]);
    assert!(found.iter().all(|one| one.hub.is_hosted()), "{found:?}");
    let (found, _) = loads(&[("a.py", "InferenceClient('orion/x')\nModelResponse(model='openai/gpt-5-nano')\n")]);
    assert!(found.iter().all(|one| one.hub.is_hosted()), "{found:?}");
}

#[test]
fn files_belong_to_names_by_their_keys() {
    let text = "from huggingface_hub import hf_hub_download\nR = {'a': 'orion/a', 'b': 'orion/b'}\n\
                F = {'a': 'a.bin', 'b': 'b.bin'}\ndef f(k):\n    hf_hub_download(R[k], F[k])\n";
    let (found, _) = loads(&[("a.py", text)]);
    let files: Vec<_> = found.iter().map(|one| (one.name.as_str(), one.files.join(" "))).collect();
    assert_eq!(files, [("orion/a", "a.bin".to_owned()), ("orion/b", "b.bin".to_owned())]);
}

#[test]
fn a_tokenizer_at_another_revision_stays() {
    let text = "from transformers import AutoModel, AutoTokenizer\nN = 'orion/x'\n\
                AutoModel.from_pretrained(N)\nAutoTokenizer.from_pretrained(N, revision='v1')\n";
    assert_eq!(shown(&[("a.py", text)]), ["model orion/x 2", "tokenizer orion/x@v1 2"]);
}

#[test]
fn values_of_files_are_followed_to_their_lines() {
    let read = |path: &str, text: &str| {
        if path.ends_with(".py") {
            Module::of_file(path, text.to_owned())
        } else {
            Module::of_values(path, text.to_owned()).expect(path)
        }
    };
    let head = "import json, os, yaml, tomllib\nfrom pathlib import Path\nfrom omegaconf import OmegaConf\nfrom transformers import AutoModel\n";
    for (code, path, data, expected) in [
        (
            "m = json.load(open('config/names.json', 'r'))\nAutoModel.from_pretrained(m[name])",
            "config/names.json",
            "{\n\"a\": \"orion/a\",\n\"b\": \"orion/b\"}\n",
            &["model orion/a 2", "model orion/b 3"][..],
        ),
        (
            "with open(os.path.join(os.path.dirname(__file__), 'names.json')) as f:\n    m = json.load(f)\nAutoModel.from_pretrained(m['b'])",
            "bench/names.json",
            "{\n\"a\": \"orion/a\",\n\"b\": \"orion/b\"}\n",
            &["model orion/b 3"],
        ),
        (
            "M = yaml.safe_load((Path(__file__).parent / 'models.yaml').read_text())\nfor m in M['all']:\n    AutoModel.from_pretrained(m)",
            "bench/models.yaml",
            "all:\n  - orion/a\n  - orion/b\n",
            &["model orion/a 2", "model orion/b 3"],
        ),
        (
            "c = OmegaConf.load('conf.yaml')\nAutoModel.from_pretrained(c.net.name)",
            "conf.yaml",
            "net:\n  name: orion/a\n",
            &["model orion/a 2"],
        ),
        (
            "c = tomllib.loads(Path('c.toml').read_text())\nAutoModel.from_pretrained(c['net']['name'])",
            "c.toml",
            "[net]\nname = \"orion/a\"\n",
            &["model orion/a 2"],
        ),
        ("c = json.load(open(sys.argv[1]))\nAutoModel.from_pretrained(c['a'])", "c.json", "{\"a\": \"orion/a\"}", &[]),
    ] {
        let code = format!("{head}{code}\n");
        let files = [("bench/a.py", code.as_str()), (path, data)];
        let modules: Vec<Module> = files.iter().map(|(path, text)| read(path, text)).collect();
        let paths = Paths::new(files.iter().map(|(path, _)| (*path).to_owned()).collect());
        let mut program = program(&paths);
        extend(&mut program, &modules, 1);
        let (found, _) = settle((0..2).map(|index| look(&program, index, &|_| false)).collect());
        let shown: Vec<String> = found
            .iter()
            .map(|one| {
                assert_eq!(&*one.place.path, path);
                let before = &data[..usize::try_from(one.place.span.start).unwrap_or(0)];
                format!("{} {} {}", one.kind.word(), one.name, before.matches('\n').count() + 1)
            })
            .collect();
        assert_eq!(shown, expected, "{code}");
    }
}

#[test]
fn what_is_chosen_by_a_name_goes_to_what_runs_for_it() {
    let classes = "from langchain_openai import OpenAIEmbeddings\nfrom langchain_aws import BedrockEmbeddings\n\
        from langchain_ollama import OllamaEmbeddings\nfrom langchain_huggingface import HuggingFaceEmbeddings\n";
    let makes = "def make(provider, model):\n    if provider == Kind.OPENAI:\n        return OpenAIEmbeddings(model=model)\n    \
        elif provider == Kind.HF:\n        return HuggingFaceEmbeddings(model_name=model)\n    \
        elif provider == Kind.OLLAMA:\n        return OllamaEmbeddings(model=model)\n    \
        elif provider in (Kind.BEDROCK, Kind.AWS):\n        return BedrockEmbeddings(model_id=model)\n";
    let sets = "if P == Kind.OPENAI:\n    M = get('M', default='text-embedding-3-small')\nelif P == Kind.HF:\n    \
        M = get('M', default='orion/embed')\nelif P == Kind.OLLAMA:\n    M = get('M', default='orion-embed')\n\
        elif P == Kind.BEDROCK:\n    M = get('M', default='amazon.titan-embed-text-v1')\nmake(P, M)\n";
    let told = |text: &str| -> Vec<String> {
        let files = [("a.py", text)];
        let (found, _) = loads(&files);
        let mut all: Vec<&Reference> = found.iter().collect();
        all.sort_by_key(|one| one.hub);
        all.iter().map(|one| format!("{}:{}", one.hub.word(), one.name)).collect()
    };
    assert_eq!(
        told(&format!("{classes}{makes}{sets}")),
        [
            "huggingface:orion/embed",
            "ollama:orion-embed",
            "bedrock:amazon.titan-embed-text-v1",
            "openai:text-embedding-3-small"
        ]
    );
    // What the caller says decides, and what is not known goes where it can be meant.
    let words = makes.replace("Kind.OPENAI", "'openai'").replace("Kind.HF", "'hf'").replace("Kind.OLLAMA", "'ollama'");
    for (call, expected) in [
        ("make('hf', 'orion/embed')", &["huggingface:orion/embed"][..]),
        ("make('ollama', 'orion-embed')", &["ollama:orion-embed"]),
        ("make(which(), 'orion/embed')", &["huggingface:orion/embed"]),
        ("make(which(), 'text-embedding-3-small')", &["openai:text-embedding-3-small"]),
        ("make(which(), 'custom')", &[]),
        ("make(which(), 'Embeddings')", &[]),
    ] {
        assert_eq!(told(&format!("{classes}{words}{call}\n")), expected, "{call}");
    }
    let matched = "def f(kind, n):\n    match kind:\n        case 'a':\n            AutoModel.from_pretrained(n)\n        \
        case 'b' | 'c':\n            load_dataset(n)\n        case _:\n            AutoTokenizer.from_pretrained(n)\n";
    let text = format!(
        "from transformers import AutoModel, AutoTokenizer\nfrom datasets import load_dataset\n{matched}\
         f('a', 'orion/a')\nf('c', 'orion/c')\n"
    );
    let lines = shown(&[("a.py", &text)]);
    assert!(
        lines.contains(&"model orion/a 11".to_owned()) && lines.contains(&"dataset orion/c 12".to_owned()),
        "{lines:?}"
    );
    assert!(
        !lines.iter().any(|line| line.starts_with("dataset orion/a") || line.starts_with("model orion/c")),
        "{lines:?}"
    );
}

#[test]
fn labels_and_settings_are_told_from_models() {
    for (text, expected) in [
        ("import openai\nMODEL_ID = 'gpt-4:20230327'\nrows.append({'id': 1, 'model_id': MODEL_ID})\n", &[][..]),
        ("import openai\nMODEL_ID = 'gpt-4-0613'\nask({'model': MODEL_ID})\n", &["model gpt-4-0613 2"]),
        (
            "import openai\nDEFAULT = {'EMBEDDING': 'openai:text-embedding-3-small', 'X': 'openai:gpt-4o'}\n",
            &["model text-embedding-3-small 2 default"],
        ),
        ("import openai, os\nNAME = os.getenv('API_MODEL_NAME', 'gpt-3.5-turbo')\n", &[]),
        ("import tiktoken\ntiktoken.encoding_for_model('orion-embed-text')\n", &[]),
        ("import tiktoken\ntiktoken.get_encoding('cl100k_base')\n", &["tokenizer cl100k_base 2"]),
        ("import datasets\nhf_metadata_dataset = 'orion/results'\n", &[]),
        ("import datasets\nprepare_data('https://huggingface.co/datasets/orion/d', 'x')\n", &["dataset orion/d 2"]),
        ("import datasets\nshow('https://huggingface.co/datasets/orion/d')\n", &[]),
        (
            "from transformers import AutoModel\np.add_argument('--model_id', default='orion/a', choices=['orion/a', 'orion/b'])\n\
             a = p.parse_args()\nAutoModel.from_pretrained(a.model_id)\n",
            &["model orion/a 2 default", "model orion/a 2 default", "model orion/b 2 default"],
        ),
    ] {
        assert_eq!(shown(&[("a.py", text)]), expected, "{text}");
    }
}

#[test]
fn kernels_are_named_by_calls_and_by_attention() {
    for (text, expected) in [
        ("get_kernel('orion/k', version=1)", &["kernel orion/k@1 3"][..]),
        (
            "get_kernel('orion/k', revision='v1')\nget_kernel('orion/k', revision='v2')",
            &["kernel orion/k@v1 3", "kernel orion/k@v2 4"],
        ),
        (
            "AutoModel.from_pretrained('orion/m', attn_implementation='orion/flash@v1:fn')",
            &["model orion/m 3", "kernel orion/flash@v1 3"],
        ),
        ("a = 'orion/flash'\nm.set_attn_implementation(a)", &["kernel orion/flash 3"]),
        ("AutoModel.from_pretrained('orion/m', attn_implementation='flash_attention_2')", &["model orion/m 3"]),
        (
            "@pytest.mark.parametrize('n,r', [('orion/k', 'v1'), ('orion/k', 'v2')])\ndef f(n, r):\n    get_kernel(n, revision=r)",
            &["kernel orion/k@v1 3", "kernel orion/k@v2 3"],
        ),
    ] {
        let text = format!("import pytest\nfrom kernels import get_kernel\n{text}\n")
            .replace("import pytest\n", "import pytest; from transformers import AutoModel\n");
        assert_eq!(shown(&[("a.py", &text)]), expected, "{text}");
    }
}

#[test]
fn hostile_files_end() {
    let chain: String = (0..3000).map(|n| format!("a{} = a{n}\n", n + 1)).collect();
    let many: String = (0..400).map(|n| format!("def f{n}(x): return f{}(x) + f{}(x)\n", n + 1, n + 1)).collect();
    for text in [
        format!("from transformers import AutoModel\na0 = 'acme/x'\n{chain}AutoModel.from_pretrained(a3000)\n"),
        format!("from transformers import AutoModel\n{many}AutoModel.from_pretrained(f0('acme/x'))\n"),
        "def f(x):\n    f(x)\n    AutoModel.from_pretrained(f(f(x)))\nf(f)\n".to_owned(),
        "class A(A):\n    x = A.x\n    def __init__(self): self.x = self.x\nAutoModel.from_pretrained(A().x)\n"
            .to_owned(),
        "from a import *\nfrom .a import x\nAutoModel.from_pretrained(x)\nAutoModel.from_pretrained(y)\n".to_owned(),
    ] {
        let (references, unresolved) = loads(&[("a.py", &text)]);
        assert!(references.is_empty() && unresolved.len() <= 2, "{:?}", references);
    }
}

#[test]
fn parts_of_a_name_come_from_one_call_class_or_branch() {
    const FROM: &str = "from transformers import AutoModel\n";
    for (text, expected) in [
        // Objects by the calls that make them, asked by a method.
        (
            "class A:\n    def __init__(self, v, s):\n        self.v = v\n        self.s = s\n    def repo(self):\n        \
             return f'acme/A-{self.v}-{self.s}b'\nclass B(A):\n    def __init__(self, v, s):\n        \
             super().__init__(v, s)\n    def repo(self):\n        return f'acme/B-{self.v}-{self.s}b'\n\
             ALL = {'a': A('one', 7), 'b': A('two', 70), 'c': B('three', 9)}\ndef f(key):\n    \
             AutoModel.from_pretrained(ALL[key].repo())",
            &["acme/A-one-7b", "acme/A-two-70b", "acme/B-three-9b"][..],
        ),
        // The same where the loader is a method.
        (
            "class A:\n    def __init__(self, v, s):\n        self.v = v\n        self.s = s\n    def load(self):\n        \
             AutoModel.from_pretrained('acme/A-' + self.v + '-' + self.s)\nA('one', '7b').load()\nA(s='70b', v='two').load()",
            &["acme/A-one-7b", "acme/A-two-70b"],
        ),
        // What subclasses say of themselves, with what their calls say.
        (
            "class A:\n    family = None\n    def __init__(self, s):\n        self.s = s\n    def load(self):\n        \
             AutoModel.from_pretrained(f'acme/{self.family}-{self.s}')\nclass B(A):\n    family = 'b'\n\
             class C(A):\n    family = 'c'\nB('7b').load()\nC('9b').load()",
            &["acme/b-7b", "acme/c-9b"],
        ),
        (
            "class A:\n    def load(self):\n        AutoModel.from_pretrained(f'{self.o}/{self.n}')\n\
             class B(A):\n    o = 'acme'\n    n = 'bee'\nclass C(A):\n    o = 'evil'\n    n = 'sea'",
            &["acme/bee", "evil/sea"],
        ),
        // Records.
        // Two parameters of a helper.
        (
            "def name(o, n):\n    return o + '/' + n\ndef get(o, n):\n    AutoModel.from_pretrained(name(o, n))\n\
             get('acme', 'bee')\nget('evil', 'sea')",
            &["acme/bee", "evil/sea"],
        ),
        // Dictionaries and pairs in a list.
        (
            "for m in [{'o': 'acme', 'n': 'bee'}, {'o': 'evil', 'n': 'sea'}]:\n    \
             AutoModel.from_pretrained(f\"{m['o']}/{m['n']}\")",
            &["acme/bee", "evil/sea"],
        ),
        (
            "for o, n in [('acme', 'bee'), ('evil', 'sea')]:\n    AutoModel.from_pretrained(f'{o}/{n}')",
            &["acme/bee", "evil/sea"],
        ),
        (
            "for o, n in {'acme': 'bee', 'evil': 'sea'}.items():\n    AutoModel.from_pretrained(f'{o}/{n}')",
            &["acme/bee", "evil/sea"],
        ),
        (
            "O = ['acme', 'evil']\nfor o, n in zip(O, ['bee', 'sea']):\n    AutoModel.from_pretrained(f'{o}/{n}')",
            &["acme/bee", "evil/sea"],
        ),
        // Loops in one another go through all.
        (
            "for o in ['acme', 'evil']:\n    for n in ['bee', 'sea']:\n        AutoModel.from_pretrained(f'{o}/{n}')",
            &["acme/bee", "acme/sea", "evil/bee", "evil/sea"],
        ),
        // Branches.
        (
            "if big:\n    o = 'acme'\n    n = 'bee'\nelse:\n    o = 'evil'\n    n = 'sea'\nAutoModel.from_pretrained(f'{o}/{n}')",
            &["acme/bee", "evil/sea"],
        ),
        (
            "o = 'acme'\nn = 'bee'\nif big:\n    o = 'evil'\n    n = 'sea'\nAutoModel.from_pretrained(f'{o}/{n}')",
            &["acme/bee", "evil/sea"],
        ),
    ] {
        let mut found: Vec<String> =
            loads(&[("a.py", &format!("{FROM}{text}\n"))]).0.into_iter().map(|one| one.name).collect();
        found.sort();
        assert_eq!(found, expected, "{text}");
    }
}

#[test]
fn a_part_that_may_be_put_behind_a_name_makes_two_of_it() {
    const FROM: &str = "from transformers import AutoModel\n";
    for (text, expected, unresolved) in [
        (
            "n = 'acme/bee'\nif big:\n    n += '-big'\nAutoModel.from_pretrained(n)",
            &["acme/bee", "acme/bee-big"][..],
            0,
        ),
        ("n = 'acme/bee'\nif big:\n    n = n + '-big'\nAutoModel.from_pretrained(n)", &["acme/bee", "acme/bee-big"], 0),
        ("n = 'acme/'\nn += 'bee'\nAutoModel.from_pretrained(n)", &["acme/bee"], 0),
        (
            "n = 'acme/'\nn += 'bee'\nif big:\n    n += '-big'\nAutoModel.from_pretrained(n)",
            &["acme/bee", "acme/bee-big"],
            0,
        ),
        // Lists hold them all.
        (
            "n = ['acme/bee']\nif big:\n    n += ['acme/big']\nif new:\n    n += ['acme/new']\nfor x in n:\n    AutoModel.from_pretrained(x)",
            &["acme/bee", "acme/big", "acme/new"],
            0,
        ),
        (
            "n = 'acme/bee'\nif big:\n    n += '-big'\nelif small:\n    n += '-small'\nAutoModel.from_pretrained(n)",
            &["acme/bee", "acme/bee-big", "acme/bee-small"],
            0,
        ),
        // Who knows which of them there are.
        ("n = 'acme/bee'\nif big:\n    n += '-big'\nif new:\n    n += '-new'\nAutoModel.from_pretrained(n)", &[], 1),
        ("n = 'acme/bee'\nfor x in y:\n    n += x\nAutoModel.from_pretrained(n)", &[], 1),
        ("n = 'acme/bee'\nwhile True:\n    AutoModel.from_pretrained(n)\n    n += n", &["acme/bee"], 0),
    ] {
        let (references, open) = loads(&[("a.py", &format!("{FROM}{text}\n"))]);
        let mut found: Vec<String> = references.into_iter().map(|one| one.name).collect();
        found.sort();
        assert_eq!(found, expected, "{text}");
        assert_eq!(open.len(), unresolved, "{text} {open:?}");
    }
}

#[test]
fn a_variable_of_a_path_names_nothing_on_a_hub() {
    for (text, expected) in [
        ("def f():\n    dataset_name = 'acme/v3.0'\n    return f'data/{dataset_name}/x.zst'", &[][..]),
        ("def f():\n    default_model_name = 'acme/bee-4'\n    _upsert(default_model_name)", &[]),
        ("def f():\n    model_name = 'acme/bee-4'\n    run(model_name)", &["model acme/bee-4 2"]),
    ] {
        assert_eq!(shown(&[("a.py", &format!("{text}\n"))]), expected, "{text}");
    }
}

#[test]
fn lists_that_a_model_is_chosen_from_name_them_all() {
    let text = "import os\nclass G:\n    def __init__(self):\n        models = self.names()\n        \
                self.config = Input(kind='dropdown', value=models[0], values=models)\n    def names(self):\n        \
                return ['gpt-4o', 'gpt-3.5-turbo', 'mine', 'claude-3-opus']\nURL = 'https://api.openai.com/v1'\n";
    assert_eq!(shown(&[("a.py", text)]), ["model gpt-3.5-turbo 7 default", "model gpt-4o 7 default"]);
    assert_eq!(shown(&[("tests/a.py", text)]), Vec::<String>::new());
}
