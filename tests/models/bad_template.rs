//! Templates, wherever they stand: in GGUF, in configurations of tokenizers, by themselves.

use super::Case;
use super::bytes::{Value, gguf, safetensors, text};

const ESCAPES: &str = "CVE-2024-34359 and escapes of Jinja's sandbox";

/// Name, template, verdict, rule.
const TEMPLATES: &[(&str, &str, &str, &str)] = &[
    ("class", "{{ ''.__class__.__mro__[1].__subclasses__() }}", "dangerous", "template-reach"),
    ("globals", "{{ cycler.__init__.__globals__.os.popen('true').read() }}", "dangerous", "template-reach"),
    ("subscript", "{{ x['__class__'] }}", "dangerous", "template-reach"),
    ("escapes", "{{ x['\\x5f\\x5fclass\\x5f\\x5f'] }}", "dangerous", "template-reach"),
    ("joined", "{{ x['__cla' ~ 'ss__'] }}", "dangerous", "template-reach"),
    ("added", "{{ x['__cla' + 'ss__'] }}", "dangerous", "template-reach"),
    ("attr_filter", "{{ x|attr('__class__') }}", "dangerous", "template-reach"),
    ("attr_joined", "{{ x|attr(['__','class','__']|join) }}", "dangerous", "template-reach"),
    ("map_attribute", "{{ [x]|map(attribute='__class__')|list }}", "dangerous", "template-reach"),
    ("format", "{{ '{0.__class__}'.format(x) }}", "dangerous", ""),
    ("format_map", "{{ '{x.__class__}'.format_map({'x': x}) }}", "dangerous", ""),
    ("reversed", "{{ x|attr('__ssalc__'|reverse) }}", "dangerous", ""),
    ("replaced", "{{ x|attr('@@class@@'|replace('@','_')) }}", "dangerous", ""),
    ("lowered", "{{ x|attr('__CLASS__'|lower) }}", "dangerous", ""),
    ("in_a_macro", "{% macro m(a) %}{{ a.__class__ }}{% endmacro %}{{ m(x) }}", "dangerous", "template-reach"),
    ("in_a_set", "{% set k = '__class__' %}{{ x[k] }}", "dangerous", "template-reach"),
    ("in_a_condition", "{% if x.__class__ %}a{% endif %}", "dangerous", "template-reach"),
    ("in_a_loop", "{% for a in x.__class__.__mro__ %}{{ a }}{% endfor %}", "dangerous", "template-reach"),
    ("behind_a_comment", "{# {{ #}{{ x.__class__ }}", "dangerous", "template-reach"),
    ("line_breaks", "{{\nx\n.\n__class__\n}}", "dangerous", "template-reach"),
    ("from_the_input", "{{ x|attr(messages[0]['role']) }}", "suspicious", "template-indirect"),
    ("include", "{% include '/etc/passwd' %}", "suspicious", "template-files"),
    ("import", "{% import 'x' as y %}{{ y.z() }}", "suspicious", "template-files"),
    ("extends", "{% extends 'x' %}", "suspicious", "template-files"),
    (
        "endless",
        "{% for a in range(999999999) %}{% for b in range(999999999) %}x{% endfor %}{% endfor %}",
        "suspicious",
        "template-exhausting",
    ),
    ("multiplied", "{{ 'a' * 99999999999 }}", "suspicious", "template-exhausting"),
    ("unclosed", "{% for a in b %}{{ a ", "malformed", "template-unparsed"),
];

pub(super) fn cases() -> Vec<Case> {
    let mut out = Vec::new();
    for (name, template, verdict, rule) in TEMPLATES {
        let values = [("general.architecture", text("llama")), ("tokenizer.chat_template", text(template))];
        let case = Case::new(&format!("template_{name}.gguf"), "gguf", ESCAPES, gguf(&values, &[], 0));
        out.push(Case { verdict, rule, ..case });
        let json = serde_json::json!({ "tokenizer_class": "LlamaTokenizer", "chat_template": template });
        let case = Case::new(&format!("template_{name}.json"), "tokenizer", ESCAPES, json.to_string().into_bytes());
        out.push(Case { verdict, rule, ..case });
    }
    for (name, template) in
        [("class", "{{ ''.__class__ }}"), ("in_a_loop", "{% for m in messages %}{{ m.__init__ }}{% endfor %}")]
    {
        out.push(
            Case::new(&format!("template_{name}.jinja"), "template", ESCAPES, template.as_bytes().to_vec())
                .dangerous("template-reach"),
        );
    }
    out.extend(gguf_cases());
    out.extend(safetensors_cases());
    out
}

fn gguf_cases() -> Vec<Case> {
    let specification = "GGUF: specification, CVE-2024-21802 and others";
    let reach = "{{ x.__class__ }}";
    let valid = gguf(&[("general.architecture", text("llama"))], &[("a", &[4], 0, 0)], 16);
    let with = |at: usize, with: &[u8]| {
        let mut bytes = valid.clone();
        bytes[at..at + with.len()].copy_from_slice(with);
        bytes
    };
    let one = |name: &str, bytes: Vec<u8>| Case::new(&format!("{name}.gguf"), "gguf", specification, bytes);
    vec![
        one("template_of_another_name", gguf(&[("tokenizer.chat_template.tool_use", text(reach))], &[], 0))
            .dangerous("template-reach"),
        one("template_in_any_text", gguf(&[("general.description", text(reach))], &[], 0)).dangerous("template-reach"),
        one(
            "template_in_a_list",
            gguf(&[("tokenizer.chat_templates", Value::Texts(vec!["default".to_owned(), reach.to_owned()]))], &[], 0),
        )
        .dangerous("template-reach"),
        one("count_of_tensors", with(8, &u64::MAX.to_le_bytes())).malformed("gguf-malformed"),
        one("count_of_values", with(16, &u64::MAX.to_le_bytes())).malformed("gguf-malformed"),
        one("length_of_a_key", with(24, &u64::MAX.to_le_bytes())).malformed("gguf-malformed"),
        one("version_99", with(4, &99_u32.to_le_bytes())).malformed("gguf-malformed"),
        one("unknown_type", gguf(&[("a", Value::Raw(99, vec![0; 8]))], &[], 0)).malformed("gguf-malformed"),
        one(
            "array_count",
            gguf(&[("a", Value::Raw(9, [&4_u32.to_le_bytes()[..], &u64::MAX.to_le_bytes()].concat()))], &[], 0),
        )
        .malformed("gguf-malformed"),
        one(
            "array_in_arrays",
            gguf(
                &[(
                    "a",
                    Value::Raw(9, [9_u32.to_le_bytes().to_vec(), 1_u64.to_le_bytes().to_vec()].concat().repeat(2000)),
                )],
                &[],
                0,
            ),
        )
        .malformed("gguf-malformed"),
        one("dimensions_overflow", gguf(&[], &[("a", &[1 << 40, 1 << 40], 0, 0)], 16)).malformed(""),
        one("offset_beyond", gguf(&[], &[("a", &[4], 0, 1 << 40)], 16)).malformed(""),
        one("offset_overflow", gguf(&[], &[("a", &[4], 0, u64::MAX - 15)], 16)).malformed(""),
        one("tensors_overlap", gguf(&[], &[("a", &[8], 0, 0), ("b", &[8], 0, 0)], 64)).malformed("gguf-layout"),
        one("too_many_dimensions", gguf(&[], &[("a", &[1; 9], 0, 0)], 16)).malformed(""),
        one(
            "twice_the_same_key",
            gguf(&[("general.alignment", Value::U32(32)), ("general.alignment", Value::U32(64))], &[], 0),
        )
        .malformed(""),
        one("alignment_of_zero", gguf(&[("general.alignment", Value::U32(0))], &[("a", &[4], 0, 0)], 16)).malformed(""),
        one("cut_off", valid[..40].to_vec()).malformed("gguf-malformed"),
        one("pickle_behind", [valid.clone(), super::pickle::evil()].concat()).dangerous("pickle-dangerous-global"),
    ]
}

fn safetensors_cases() -> Vec<Case> {
    let rules = "safetensors: reference rules, Trail of Bits review";
    let one = |name: &str, header: &str, data: usize| {
        Case::new(&format!("{name}.safetensors"), "safetensors", rules, safetensors(header, data))
    };
    let tensor = |name: &str, from: usize, to: usize| {
        format!("\"{name}\":{{\"dtype\":\"F32\",\"shape\":[{}],\"data_offsets\":[{from},{to}]}}", (to - from) / 4)
    };
    let metadata = |value: &str| serde_json::json!({ "__metadata__": { "a": value } }).to_string();
    let pickle = super::pickle::evil();
    vec![
        one("tensors_overlap", &format!("{{{},{}}}", tensor("a", 0, 16), tensor("b", 8, 24)), 24).malformed(""),
        one("gap", &format!("{{{},{}}}", tensor("a", 0, 16), tensor("b", 24, 40)), 40).malformed(""),
        one("gap_at_the_end", &format!("{{{}}}", tensor("a", 0, 16)), 64).malformed(""),
        one("gap_at_the_start", &format!("{{{}}}", tensor("a", 16, 32)), 32).malformed(""),
        one("beyond_the_end", &format!("{{{}}}", tensor("a", 0, 1600)), 16).malformed(""),
        one("shape_and_offsets_differ", "{\"a\":{\"dtype\":\"F32\",\"shape\":[9],\"data_offsets\":[0,16]}}", 16)
            .malformed("safetensors-malformed"),
        one(
            "shape_overflows",
            "{\"a\":{\"dtype\":\"F32\",\"shape\":[4294967296,4294967296],\"data_offsets\":[0,0]}}",
            0,
        )
        .malformed("safetensors-malformed"),
        one("negative_shape", "{\"a\":{\"dtype\":\"F32\",\"shape\":[-4],\"data_offsets\":[0,16]}}", 16)
            .malformed("safetensors-malformed"),
        one("backwards", "{\"a\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[16,0]}}", 16)
            .malformed("safetensors-malformed"),
        one("unknown_dtype", "{\"a\":{\"dtype\":\"X9\",\"shape\":[4],\"data_offsets\":[0,16]}}", 16)
            .malformed("safetensors-malformed"),
        one("twice_the_same_key", &format!("{{{},{}}}", tensor("a", 0, 16), tensor("a", 0, 16)), 16)
            .malformed("safetensors-malformed"),
        one("key_in_escapes", &format!("{{{},{}}}", tensor("a", 0, 16), tensor("\\u0061", 16, 32)), 32)
            .malformed("safetensors-malformed"),
        one("metadata_no_text", "{\"__metadata__\":{\"a\":1}}", 0).malformed("safetensors-malformed"),
        one("no_object", "[]", 0).malformed("safetensors-malformed").format(""),
        one("broken_json", "{\"a\":", 0).malformed("safetensors-malformed").format(""),
        one("pickle_in_metadata", &metadata(&base64(&pickle)), 0).dangerous("hidden-payload"),
        one("code_in_metadata", &metadata("__import__('os').system('true')"), 0).suspicious("hidden-code"),
        one("template_in_metadata", &metadata("{{ x.__class__ }}"), 0).dangerous("template-reach"),
        Case::new(
            "pickle_behind.safetensors",
            "safetensors",
            rules,
            [safetensors(&format!("{{{}}}", tensor("a", 0, 16)), 16), pickle].concat(),
        )
        .dangerous("pickle-dangerous-global"),
        Case::new("header_too_long.safetensors", "", rules, [&(1_u64 << 62).to_le_bytes()[..], b"{\"a\":1}"].concat())
            .malformed("safetensors-malformed"),
    ]
}

/// Base64 as hidden payloads have it.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for three in bytes.chunks(3) {
        let number = three.iter().fold(0, |number, byte| number << 8 | u32::from(*byte)) << (8 * (3 - three.len()));
        for index in 0..4 {
            let letter = char::from(LETTERS[(number >> (18 - 6 * index) & 63) as usize]);
            out.push(if index <= three.len() { letter } else { '=' });
        }
    }
    out
}
