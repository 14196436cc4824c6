use super::*;
use crate::scan::{FileReport, Limits, file};

fn scanned(text: &str) -> FileReport {
    let limits = Limits::default();
    let mut context = Context::new("t", text.len() as u64, &limits);
    scan_raw(text, 0, &mut context);
    context.finish()
}

fn verdict(text: &str) -> Verdict {
    scanned(text).verdict
}

#[test]
fn what_reaches_out_is_dangerous() {
    for text in [
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
        "{{ ''['__class__'] }}",
        r"{{ ''['\x5f\x5fclass\x5f\x5f'] }}",
        "{{ ''|attr('__class__') }}",
        "{{ ''|attr('__cl' ~ 'ass__') }}",
        "{{ ''['__cla' + 'ss__'] }}",
        "{{ x[['__cl','ass__']|join] }}",
        "{{ x[['__cl','ass__']|join('')] }}",
        "{{ x[''.join(['__cl','ass__'])] }}",
        "{{ x['__ssalc__'|reverse] }}",
        "{{ x['__ssalc__'[::-1]] }}",
        "{{ x['%s%s' % ('__cl', 'ass__')] }}",
        "{{ x['%c%cclass%c%c' % (95, 95, 95, 95)] }}",
        "{{ x['%s%s'|format('__cl','ass__')] }}",
        "{{ x['{}{}'.format('__cl', 'ass__')] }}",
        "{{ x['{0:c}{0:c}class{0:c}{0:c}'.format(95)] }}",
        "{{ x['XXclassXX'.replace('X', '_')] }}",
        "{{ x['XXclassXX'|replace('X', '_')] }}",
        "{{ x['__CLASS__'|lower] }}",
        "{{ x['__CLASS__'.lower()] }}",
        "{{ x['__clXXass__'.split('XX')|join] }}",
        "{% set a = '__cl' %}{% set b = a ~ 'ass__' %}{{ x[b] }}",
        "{% set a, b = '__cl', 'ass__' %}{{ x|attr(a ~ b) }}",
        "{% set u = '_' * 2 %}{{ x|attr(u ~ 'class' ~ u) }}",
        "{% set ns = namespace(a=1) %}{% set ns.a = '__cl' %}{{ x[ns.a ~ 'ass__'] }}",
        "{% for n in ['__class__'] %}{{ x[n] }}{% endfor %}",
        "{{ x|map(attribute='__class__')|list }}",
        "{{ [x]|map('attr', '__class__')|list }}",
        "{{ dict(__class__=1)|join }}",
        "{{ x[dict(__cl=1, ass__=2)|join] }}",
        "{% macro m(x='__class__') %}{% endmacro %}",
        "{% if x.__globals__ %}{% endif %}",
        "{% set x = y.__init__ %}",
        "{% call x.__init__() %}{% endcall %}",
        "{% filter attr('__class__') %}{% endfilter %}",
        "{% with a = ''.__class__ %}{% endwith %}",
        "{{ x if y.__class__ else z }}",
        "{{ {'a': x.__class__} }}",
        "{{ (x.y).gi_frame.f_back }}",
        "{{ self._TemplateReference__context.cycler.__init__ }}",
        "{{ messages.popen('id') }}",
        "{{ x.system('id') }}",
        "{{ eval('1') }}",
        "{{ __import__('os') }}",
        "{% for m in messages %}{{ m $ x.__class__ }}{% endfor %}",
        "{{ ''.__class__",
        "{% generation %}{{ x.__class__ }}{% endgeneration %}",
        "{%- do x.__class__ -%}",
        "{% trans x=''.__class__ %}a{% endtrans %}",
        "{{ x is y.__class__ }}{{ x.__class__ }}",
        "{{ x['__' ~ y ~ '__'] }}",
        "{{ messages is sameas x.__class__ }}",
    ] {
        assert_eq!(verdict(text), Verdict::Dangerous, "{text}: {:?}", scanned(text).findings);
    }
}

#[test]
fn what_is_hidden_or_without_end_is_suspicious() {
    for text in [
        "{{ x|attr(y) }}",
        "{{ x|map(attribute=y) }}",
        "{{ x['__' ~ y] }}",
        "{{ x._private }}",
        "{{ lipsum|string }}",
        "{{ (()|select|string|list)[24] }}",
        "{{ joiner.something }}",
        "{% include 'other' %}",
        "{% import '/etc/passwd' as p %}",
        "{% from 'x' import y %}",
        "{% extends x %}",
        "{% for i in range(10**9) %}x{% endfor %}",
        "{% for i in range(99999) %}{% for j in range(99999) %}x{% endfor %}{% endfor %}",
        "{{ 'a' * 1000000000 }}",
        "{{ 9 ** 99999999 }}",
    ] {
        assert_eq!(verdict(text), Verdict::Suspicious, "{text}: {:?}", scanned(text).findings);
    }
}

#[test]
fn what_cannot_be_read_is_malformed_in_a_template_only() {
    assert_eq!(verdict("{% for m in messages %}{{ a b }}{% endfor %}"), Verdict::Malformed);
    assert_eq!(verdict("{% for m in messages %}{{ a"), Verdict::Malformed);
    assert_eq!(verdict("${{ github.event.x && 'a' }} {{ .Values.x }}"), Verdict::Clean);
}

#[test]
fn what_chat_templates_do_is_clean() {
    for text in [
        "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}",
        "{%- if messages[0]['role'] == 'system' -%}{%- set loop_messages = messages[1:] %}{%- else %}{% set loop_messages = messages %}{% endif -%}",
        "{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('Conversation roles must alternate') }}{% endif %}",
        "{%- set ns = namespace(is_first=false, is_tool=false, system_prompt='') -%}{%- set ns.is_first = true %}{% if not ns.is_first %}x{% endif %}",
        "{%- macro json_to_python_type(json_spec) %}{%- set basic = {\"string\": \"str\", \"number\": \"float\"} %}{%- if basic[json_spec.type] is defined %}{{- basic[json_spec.type] }}{%- elif json_spec.type == \"array\" %}{{- \"list[\" + json_to_python_type(json_spec.items) + \"]\" }}{%- endif %}{%- endmacro %}",
        "{{- \"Today Date: \" + strftime_now(\"%d %b %Y\") }}{{ tools | tojson(indent=4) }}{{ x|tojson|safe }}",
        "{% generation %}{{ message.content.split('</think>')[-1].lstrip('\\n') }}{% endgeneration %}",
        "{%- for tool in tools %}{%- if loop.last %}{% break %}{% endif %}{% continue %}{%- endfor %}",
        "{% set content = 'a' ~ message.content | trim ~ 'b' %}{{ content[:10] }}{{ x[-1:] }}{{ x[1:-1:2] }}",
        "{% for k, v in arguments.items() %}{{ k }}={{ v if v is string else v | tojson }}{% endfor %}",
        "{% for x in messages if x.role not in ['system', 'tool'] and not x.hidden %}{% endfor %}",
        "{% if message.content is string and message.role is not none and 'x' in message.content %}{% endif %}",
        "{{ messages | selectattr('role', 'equalto', 'user') | list | length }}",
        "{{ ns.turns.keys() | list }}{{ (messages | last).content }}{{ a, b }}",
        "{{ '{\"name\": ' + (tool.name | tojson) + '}' }}{{ \"a\" \"b\" }}",
        "{% set x %}{{ y }}{% endset %}{% filter upper %}a{% endfilter %}{% do xs.append(1) %}",
        "{{ cycler('a', 'b').next() }}{% set c = joiner(', ') %}{{ c() }}",
        "{% call(x) show(a, b=1) %}{% endcall %}{{ dict(a=1) }}{{ range(3) | list }}",
        "{{ '__init__ is a method' }}{{ x is divisibleby 3 }}{{ -x ** 2 // 3 }}{{ not a }}",
        "{% if x is mapping %}{% elif x is iterable and x is not mapping %}{% else %}{% endif %}",
        "{# a {{ comment.__class__ }} #}{% raw %}{{ x.__class__ }}{% endraw %}",
        "{{ message['system'] }}{{ message.eval }}{{ system }}",
        "{% for m in messages recursive %}{{ loop(m.children) }}{% endfor %}",
        "{{ x if y }}{{ (a or b) and c }}{{ a < b <= c }}{{ 1.5e3 }}{{ x.0 }}",
    ] {
        assert_eq!(verdict(text), Verdict::Clean, "{text}: {:?}", scanned(text).findings);
    }
}

#[test]
fn findings_have_the_place_in_the_text() {
    let report = scanned("abc {{ x.__class__ }}");
    assert_eq!(report.findings[0].offset, Some(8));
    assert_eq!(report.findings[0].message, "the template reaches for `__class__`");
}

#[test]
fn templates_by_themselves_are_told_from_other_texts() {
    for (text, expected) in [
        ("{% for message in messages %}{{ message.content }}{% endfor %}", true),
        ("You are helpful.\n{% for message in messages %}{{ message.content }}{% endfor %}", true),
        ("{{ bos_token }}", true),
        ("{{ cycler.__init__.__globals__ }}", true),
        ("{% include '/etc/passwd' %}", true),
        ("{% for i in range(1000000000000) %}x{% endfor %}", true),
        (
            "{% extends 'base.html' %}{% block body %}{% for message in messages %}<p>{{ message }}</p>{% endfor %}{% endblock %}",
            false,
        ),
        ("{% if '__init__' in class.members %}{{ class.members['__init__'] }}{% endif %}", false),
        ("{{ .Values.name }}", false),
        ("name: x\non: push\nrun: echo ${{ github.ref }}", false),
        ("# Templates\n\n```\n{% for message in messages %}{{ message }}{% endfor %}\n```\n", false),
        ("import x\nT = '''{% for message in messages %}{{ message }}{% endfor %}'''", false),
        ("\\begin{x} {{a}} {%\n", false),
        ("<html>{{ user }}{% if x %}{% endif %}", false),
        ("<div>{{ message }}</div>", false),
        ("{\"chat_template\": \"{% for message in messages %}{% endfor %}\"}", false),
    ] {
        assert_eq!(claims(text.as_bytes(), &text.as_bytes().to_vec()), expected, "{text}");
    }
}

#[test]
fn hostile_templates_end() {
    for text in [
        "{{ ".to_owned() + &"(".repeat(50_000),
        "{{ ".to_owned() + &"x.".repeat(50_000) + "y }}",
        "{{ x".to_owned() + &"|f".repeat(50_000) + " }}",
        "{{ ".to_owned() + &"- ".repeat(50_000) + "1 }}",
        "{{ ".to_owned() + &"not ".repeat(50_000) + "1 }}",
        "{{ ".to_owned() + &"1 if ".repeat(50_000) + "1 }}",
        "{{".repeat(100_000),
        "{% raw %}".repeat(20_000),
        "{#".repeat(100_000),
        "{% for a in range(2) %}".repeat(20_000),
        "{% set a = a ~ a ~ 'x' %}".repeat(20_000),
    ] {
        let _ = scanned(&text);
    }
}

#[test]
fn a_template_file_is_scanned() {
    let text = b"{% for message in messages %}{{ message.__class__ }}{% endfor %}".to_vec();
    let report = file(&text, "x", &Limits::default());
    assert_eq!((report.format.word(), report.verdict), ("template", Verdict::Dangerous));
}

#[test]
fn what_fills_memory_is_suspicious() {
    for text in [
        "{{ bos_token.center(99999999999) }}",
        "{{ bos_token.zfill(10**10) }}",
        "{{ '%9999999999d' % 1 }}",
        "{{ '{:9999999999}'.format(1) }}",
        "{{ (9**9**9)|string }}",
        "{% set n=namespace(s='a') %}{% for i in range(60) %}{% set n.s=n.s~n.s %}{% endfor %}",
    ] {
        assert_eq!(verdict(text), Verdict::Suspicious, "{text}");
    }
    for text in [
        "{{ 'a'.center(20) }}",
        "{{ '%05d' % 1 }}",
        "{{ 2**10 }}",
        "{% for m in messages %}{% set n.s = n.s ~ m.s %}{% endfor %}",
        "{% for i in range(60) %}{% set n.s = n.s + 1 if n.s < 3 else n.s %}{% endfor %}",
    ] {
        assert_eq!(verdict(text), Verdict::Clean, "{text}");
    }
}

#[test]
fn what_reaches_out_is_a_template_without_words_of_chats() {
    for (text, expected) in [
        ("{% set a='__cla' %}{% set b='ss__' %}{{ ()|attr(a~b) }}", Verdict::Dangerous),
        ("{{ x[('_'*2)~'class'~('_'*2)] }}", Verdict::Dangerous),
        ("{{ lookup('env', 'HOME') }}\n", Verdict::Clean),
        ("{{ cookiecutter.name }}\n", Verdict::Clean),
    ] {
        assert_eq!(file(&text.as_bytes(), "a", &Limits::default()).verdict, expected, "{text}");
    }
}
