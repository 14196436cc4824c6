"""Directories of model hubs: configurations, tokenizers with chat templates, pipelines."""

import json
import os

from make import path_of, seed

# Templates in the style of common model families; the words are our own.
TEMPLATES = {
    "chatml": """{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}{{ '<|im_start|>system\nYou are helpful.<|im_end|>\n' }}{% endif %}{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}""",
    "tools_with_date": """{{- bos_token }}
{%- if custom_tools is defined %}{%- set tools = custom_tools %}{%- endif %}
{%- if not tools_in_user_message is defined %}{%- set tools_in_user_message = true %}{%- endif %}
{%- if not date_string is defined %}
    {%- if strftime_now is defined %}{%- set date_string = strftime_now("%d %b %Y") %}{%- else %}{%- set date_string = "26 Jul 2024" %}{%- endif %}
{%- endif %}
{%- if not tools is defined %}{%- set tools = none %}{%- endif %}
{%- if messages[0]['role'] == 'system' %}
    {%- set system_message = messages[0]['content']|trim %}
    {%- set messages = messages[1:] %}
{%- else %}{%- set system_message = "" %}{%- endif %}
{{- "<|start_header_id|>system<|end_header_id|>\\n\\n" }}
{%- if builtin_tools is defined or tools is not none %}{{- "Environment: ipython\\n" }}{%- endif %}
{%- if builtin_tools is defined %}{{- "Tools: " + builtin_tools | reject('equalto', 'code_interpreter') | join(", ") + "\\n\\n" }}{%- endif %}
{{- "Today Date: " + date_string + "\\n\\n" }}
{%- if tools is not none and not tools_in_user_message %}
    {%- for t in tools %}{{- t | tojson(indent=4) }}{{- "\\n\\n" }}{%- endfor %}
{%- endif %}
{{- system_message }}{{- "<|eot_id|>" }}
{%- for message in messages %}
    {%- if not (message.role == 'ipython' or message.role == 'tool' or 'tool_calls' in message) %}
        {{- '<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n'+ message['content'] | trim + '<|eot_id|>' }}
    {%- elif 'tool_calls' in message %}
        {%- if not message.tool_calls|length == 1 %}{{- raise_exception("Only one tool call at once") }}{%- endif %}
        {%- set tool_call = message.tool_calls[0].function %}
        {{- '{"name": "' + tool_call.name + '", "parameters": ' }}{{- tool_call.arguments | tojson }}{{- "}<|eom_id|>" }}
    {%- elif message.role == "tool" %}
        {%- if message.content is mapping or message.content is iterable %}{{- message.content | tojson }}{%- else %}{{- message.content }}{%- endif %}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}{{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}{%- endif %}""",
    "alternating": """{%- if messages[0]["role"] == "system" %}{%- set system_message = messages[0]["content"] %}{%- set loop_messages = messages[1:] %}{%- else %}{%- set loop_messages = messages %}{%- endif %}
{%- set user_messages = loop_messages | selectattr("role", "equalto", "user") | list %}
{%- set ns = namespace() %}{%- set ns.index = 0 %}
{%- for message in loop_messages %}
    {%- if not (message.role == "tool" or (message.tool_calls is defined and message.tool_calls is not none)) %}
        {%- if (message["role"] == "user") != (ns.index % 2 == 0) %}{{- raise_exception("Roles must alternate") }}{%- endif %}
        {%- set ns.index = ns.index + 1 %}
    {%- endif %}
{%- endfor %}
{{- bos_token }}
{%- for message in loop_messages %}
    {%- if message["role"] == "user" %}
        {%- if tools is not none and (message == user_messages[-1]) %}
            {{- "[AVAILABLE_TOOLS] [" }}
            {%- for tool in tools %}
                {%- set tool = tool.function %}{{- '{"type": "function", "function": {' }}
                {%- for key, val in tool.items() if key != "return" %}
                    {%- if val is string %}{{- '"' + key + '": "' + val + '"' }}{%- else %}{{- '"' + key + '": ' + val|tojson }}{%- endif %}
                    {%- if not loop.last %}{{- ", " }}{%- endif %}
                {%- endfor %}{{- "}}" }}{%- if not loop.last %}{{- ", " }}{%- else %}{{- "]" }}{%- endif %}
            {%- endfor %}{{- "[/AVAILABLE_TOOLS]" }}
        {%- endif %}
        {%- if loop.last and system_message is defined %}{{- "[INST] " + system_message + "\\n\\n" + message["content"] + "[/INST]" }}{%- else %}{{- "[INST] " + message["content"] + "[/INST]" }}{%- endif %}
    {%- elif message["role"] == "assistant" %}{{- " " + message["content"]|trim + eos_token }}
    {%- elif message["role"] == "tool_results" or message["role"] == "tool" %}
        {%- if message.content is defined and message.content.content is defined %}{%- set content = message.content.content %}{%- else %}{%- set content = message.content %}{%- endif %}
        {{- '[TOOL_RESULTS] {"content": ' + content|string + ", " }}
        {%- if not message.tool_call_id is defined or message.tool_call_id|length != 9 %}{{- raise_exception("Tool call IDs should be 9 long") }}{%- endif %}
        {{- '"call_id": "' + message.tool_call_id + '"}[/TOOL_RESULTS]' }}
    {%- endif %}
{%- endfor %}""",
    "thinking": """{%- if tools %}{{- '<|im_start|>system\\n' }}{%- if messages[0].role == 'system' %}{{- messages[0].content + '\\n\\n' }}{%- endif %}{{- "<tools>" }}{%- for tool in tools %}{{- "\\n" }}{{- tool | tojson }}{%- endfor %}{{- "\\n</tools>\\n" }}{%- endif %}
{%- set ns = namespace(multi_step_tool=true, last_query_index=messages|length - 1) %}
{%- for message in messages[::-1] %}
    {%- set index = (messages|length - 1) - loop.index0 %}
    {%- if ns.multi_step_tool and message.role == "user" and message.content is string and not(message.content.startswith('<tool_response>') and message.content.endswith('</tool_response>')) %}{%- set ns.multi_step_tool = false %}{%- set ns.last_query_index = index %}{%- endif %}
{%- endfor %}
{%- for message in messages %}
    {%- if message.role == "assistant" %}
        {%- set content = message.content %}{%- set reasoning_content = '' %}
        {%- if message.reasoning_content is string %}{%- set reasoning_content = message.reasoning_content %}
        {%- elif '</think>' in content %}
            {%- set reasoning_content = content.split('</think>')[0].rstrip('\\n').split('<think>')[-1].lstrip('\\n') %}
            {%- set content = content.split('</think>')[-1].lstrip('\\n') %}
        {%- endif %}
        {%- if loop.index0 > ns.last_query_index %}{% generation %}{{- '<|im_start|>' + message.role + '\\n<think>\\n' + reasoning_content.strip('\\n') + '\\n</think>\\n\\n' + content.lstrip('\\n') }}{% endgeneration %}{%- else %}{{- '<|im_start|>' + message.role + '\\n' + content }}{%- endif %}
        {%- if message.tool_calls %}{%- for tool_call in message.tool_calls %}{%- if tool_call.function %}{%- set tool_call = tool_call.function %}{%- endif %}{{- '<tool_call>\\n{"name": "' }}{{- tool_call.name }}{{- '", "arguments": ' }}{%- if tool_call.arguments is string %}{{- tool_call.arguments }}{%- else %}{{- tool_call.arguments | tojson }}{%- endif %}{{- '}\\n</tool_call>' }}{%- endfor %}{%- endif %}
        {{- '<|im_end|>\\n' }}
    {%- else %}{{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>' + '\\n' }}{%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{%- if enable_thinking is defined and enable_thinking is false %}{{- '<think>\\n\\n</think>\\n\\n' }}{%- endif %}{%- endif %}""",
    "macros": """{%- macro render_type(schema, depth=0) -%}
    {%- if schema.type == "object" -%}{{ "{" }}{%- for name, value in schema.properties.items() -%}{{ "\\n" ~ "  " * (depth + 1) ~ name ~ ": " ~ render_type(value, depth + 1) }}{%- endfor -%}{{ "\\n" ~ "}" }}
    {%- elif schema.type is sequence and schema.type is not string -%}{{ schema.type | join(" | ") }}
    {%- elif schema.enum is defined -%}{{ schema.enum | map("tojson") | join(" | ") }}
    {%- else -%}{{ schema.type | default("any", true) | upper }}{%- endif -%}
{%- endmacro -%}
{%- macro function_lines(tools) %}{%- for tool in tools %}{% set f = tool["function"] if "function" in tool else tool %}{{ "type " ~ f.name ~ " = (_: " ~ render_type(f.parameters) ~ ") => any;\\n" }}{%- endfor %}{%- endmacro %}
{#- The greeting comes first. -#}
{% set roles = {"user": "human", "assistant": "gpt", "system": "system"} %}
{%- filter trim %}{{ messages | map(attribute="role") | unique | join(",") }}{% endfilter %}
{%- for m in messages if m.role != "hidden" recursive %}
    {%- if m.role not in roles %}{% continue %}{%- endif %}
    {{- "### " ~ roles.get(m.role, "other") | capitalize ~ ":\\n" }}
    {%- if m.content is iterable and m.content is not string %}
        {%- for part in m.content %}{%- if part["type"] == "image" %}{{ "<image>" }}{%- elif part.type == "text" %}{{ part["text"] }}{%- endif %}{%- endfor %}
    {%- else %}{{ m.content | replace("\\r\\n", "\\n") | trim }}{%- endif %}
    {{- "\\n\\n" if not loop.last else "" }}
{%- else %}{{ raise_exception("No messages") }}{%- endfor %}
{%- if tools %}{{ function_lines(tools) }}{%- endif %}
{%- with text = "### Gpt:\\n" %}{%- if add_generation_prompt %}{{ text }}{%- endif %}{%- endwith %}""",
    "turns": """{{ bos_token }}{% if messages[0]['role'] == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}{% for message in messages %}{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('Conversation roles must alternate user/assistant/user/assistant/...') }}{% endif %}{% if (message['role'] == 'assistant') %}{% set role = 'model' %}{% else %}{% set role = message['role'] %}{% endif %}{{ '<start_of_turn>' + role + '\n' + message['content'] | trim + '<end_of_turn>\n' }}{% endfor %}{% if add_generation_prompt %}{{'<start_of_turn>model\n'}}{% endif %}""",
}


def write_json(path, value):
    with open(path_of(path), "w", encoding="utf-8") as file:
        json.dump(value, file, indent=2, ensure_ascii=False)


def tokenizer():
    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

    made = Tokenizer(models.BPE(unk_token="<unk>"))
    made.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()])
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(vocab_size=300, special_tokens=["<unk>", "<s>", "</s>", "<|im_start|>", "<|im_end|>"])
    made.train_from_iterator(["the cat sat on the mat", "the dog ran"] * 20, trainer)
    made.post_processor = processors.TemplateProcessing("<s> $A </s>", special_tokens=[("<s>", 1), ("</s>", 2)])
    return made


def tokenizers_alone(shelf):
    import tokenizers

    from tokenizers import Tokenizer, models, pre_tokenizers

    version = "tokenizers " + tokenizers.__version__
    path = path_of("hub/tokenizer_bpe.json")
    tokenizer().save(path)
    shelf.put(path, "tokenizer", version, "byte-level BPE")
    for name, model in (("wordpiece", models.WordPiece({"[UNK]": 0, "a": 1, "##b": 2}, unk_token="[UNK]")),
                        ("unigram", models.Unigram([("<unk>", 0.0), ("a", -1.0), ("b", -2.0)], 0)),
                        ("wordlevel", models.WordLevel({"a": 0, "<unk>": 1}, unk_token="<unk>"))):
        made = Tokenizer(model)
        made.pre_tokenizer = pre_tokenizers.Whitespace()
        path = path_of(f"hub/tokenizer_{name}.json")
        made.save(path)
        shelf.put(path, "tokenizer", version, name)


def sentence_pieces(shelf):
    import io

    import sentencepiece

    lines = ["the cat sat on the mat", "the dog ran to the cat", "a bird flew away"] * 10
    for kind in ("unigram", "bpe"):
        stream = io.BytesIO()
        sentencepiece.SentencePieceTrainer.train(sentence_iterator=iter(lines), model_writer=stream, vocab_size=40,
                                                 model_type=kind, minloglevel=2, hard_vocab_limit=False)
        path = path_of(f"hub/tokenizer_{kind}.model")
        with open(path, "wb") as file:
            file.write(stream.getvalue())
        shelf.put(path, "sentencepiece", "sentencepiece " + sentencepiece.__version__, kind)


def chat_models(shelf):
    import transformers

    version = "transformers " + transformers.__version__
    for name, template in TEMPLATES.items():
        folder = f"hub/chat_{name}"
        fast = transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizer(), unk_token="<unk>", bos_token="<s>", eos_token="</s>")
        fast.chat_template = template
        options = {"save_jinja_files": False} if name in ("chatml", "alternating") else {}
        try:
            fast.save_pretrained(folder, **options)
        except TypeError:
            fast.save_pretrained(folder)
        write_json(f"{folder}/generation_config.json", {"bos_token_id": 1, "eos_token_id": [2], "do_sample": True, "temperature": 0.6})
        shelf.folder(folder, "hub-repository", version, f"tokenizer with a chat template ({name})", {".jinja": "jinja", "tokenizer.json": "tokenizer", "tokenizer_config.json": "tokenizer-config"})


def old_tokenizer_config(shelf):
    """A tokenizer_config.json as older releases wrote it: the template inside, and several by name."""
    write_json("hub/tokenizer_config_inline.json", {
        "add_bos_token": True, "added_tokens_decoder": {"0": {"content": "<unk>", "lstrip": False, "special": True}},
        "bos_token": "<s>", "chat_template": TEMPLATES["chatml"], "clean_up_tokenization_spaces": False, "eos_token": "</s>",
        "model_max_length": 1000000000000000019884624838656, "tokenizer_class": "LlamaTokenizer", "use_default_system_prompt": False})
    shelf.put("hub/tokenizer_config_inline.json", "tokenizer-config", "by hand", "template inside")
    write_json("hub/tokenizer_config_named.json", {
        "chat_template": [{"name": "default", "template": TEMPLATES["turns"]}, {"name": "tool_use", "template": TEMPLATES["tools_with_date"]}],
        "tokenizer_class": "CohereTokenizer"})
    shelf.put("hub/tokenizer_config_named.json", "tokenizer-config", "by hand", "several templates by name")
    write_json("hub/processor_config.json", {"chat_template": TEMPLATES["macros"], "processor_class": "LlavaProcessor", "image_seq_length": 576})
    shelf.put("hub/processor_config.json", "processor-config", "by hand", "processor with a chat template")
    write_json("hub/preprocessor_config.json", {
        "crop_size": {"height": 224, "width": 224}, "do_normalize": True, "do_resize": True, "image_mean": [0.48, 0.46, 0.41],
        "image_processor_type": "CLIPImageProcessor", "image_std": [0.27, 0.26, 0.28], "resample": 3, "rescale_factor": 0.00392156862745098})
    shelf.put("hub/preprocessor_config.json", "processor-config", "by hand", "image processor")


def repositories(shelf):
    import torch
    import transformers
    from transformers import BertConfig, BertModel, GPT2Config, GPT2LMHeadModel

    seed()
    version = "transformers " + transformers.__version__
    model = GPT2LMHeadModel(GPT2Config(vocab_size=32, n_positions=16, n_embd=8, n_layer=1, n_head=2))
    model.save_pretrained("hub/gpt2_small")
    transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizer()).save_pretrained("hub/gpt2_small")
    with open("hub/gpt2_small/README.md", "w") as file:
        file.write("---\nlicense: mit\nlibrary_name: transformers\n---\n\n# Small\n\n`torch.load(path)` is not needed.\n")
    shelf.folder("hub/gpt2_small", "hub-repository", version, "causal language model", {"tokenizer.json": "tokenizer"})
    model = BertModel(BertConfig(vocab_size=32, hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=8,
                                 max_position_embeddings=16))
    folder = "hub/both_formats"
    model.save_pretrained(folder)
    torch.save(model.state_dict(), f"{folder}/pytorch_model.bin")
    shelf.folder(folder, "hub-repository", version, "safetensors and torch weights of one model (a pickle with a safetensors sibling)")


def sentence_transformer(shelf):
    import sentence_transformers
    import transformers
    from sentence_transformers import SentenceTransformer

    version = "sentence-transformers " + sentence_transformers.__version__
    seed()
    try:
        from sentence_transformers.sentence_transformer import modules as models
    except ImportError:
        from sentence_transformers import models
    os.makedirs("bert")
    config = transformers.BertConfig(vocab_size=300, hidden_size=8, num_hidden_layers=1, num_attention_heads=2,
                                     intermediate_size=8, max_position_embeddings=16)
    transformers.BertModel(config).save_pretrained("bert")
    transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizer(), unk_token="<unk>", pad_token="</s>").save_pretrained("bert")
    body = models.Transformer("bert", max_seq_length=16)
    model = SentenceTransformer(modules=[body, models.Pooling(8), models.Dense(8, 4), models.Normalize()], device="cpu")
    folder = "hub/sentence_transformer"
    model.save(folder, create_model_card=False)
    shelf.folder(folder, "hub-repository", version, "SentenceTransformer.save", {"tokenizer.json": "tokenizer"})


def sentence_transformer_by_hand(shelf):
    folder = "hub/sentence_transformer_old"
    write_json(f"{folder}/modules.json", [
        {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
        {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
        {"idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"}])
    write_json(f"{folder}/1_Pooling/config.json", {"word_embedding_dimension": 8, "pooling_mode_mean_tokens": True})
    write_json(f"{folder}/config_sentence_transformers.json", {"__version__": {"sentence_transformers": "2.2.2", "pytorch": "2.0"}, "prompts": {}, "similarity_fn_name": "cosine"})
    write_json(f"{folder}/sentence_bert_config.json", {"max_seq_length": 16, "do_lower_case": False})
    write_json(f"{folder}/config.json", {"architectures": ["BertModel"], "model_type": "bert", "hidden_size": 8})
    shelf.folder(folder, "hub-repository", "by hand", "modules.json in the older style")


def diffusers_pipeline(shelf):
    import diffusers
    import torch

    seed()
    version = "diffusers " + diffusers.__version__
    network = diffusers.UNet2DModel(sample_size=8, in_channels=1, out_channels=1, layers_per_block=1, block_out_channels=(4, 4),
                                    norm_num_groups=2, down_block_types=("DownBlock2D", "DownBlock2D"),
                                    up_block_types=("UpBlock2D", "UpBlock2D"), attention_head_dim=2)
    pipeline = diffusers.DDPMPipeline(network, diffusers.DDPMScheduler(10))
    folder = "hub/diffusers_pipeline"
    pipeline.save_pretrained(folder)
    shelf.folder(folder, "hub-repository", version, "DDPMPipeline.save_pretrained")
    folder = "hub/diffusers_many_parts"
    write_json(f"{folder}/model_index.json", {
        "_class_name": "StableDiffusionPipeline", "_diffusers_version": "0.30.0", "feature_extractor": ["transformers", "CLIPImageProcessor"],
        "safety_checker": ["stable_diffusion", "StableDiffusionSafetyChecker"], "scheduler": ["diffusers", "PNDMScheduler"],
        "text_encoder": ["transformers", "CLIPTextModel"], "tokenizer": ["transformers", "CLIPTokenizer"],
        "unet": ["diffusers", "UNet2DConditionModel"], "vae": ["diffusers", "AutoencoderKL"], "requires_safety_checker": True, "image_encoder": [None, None]})
    write_json(f"{folder}/scheduler/scheduler_config.json", {"_class_name": "PNDMScheduler", "beta_end": 0.012, "skip_prk_steps": True})
    shelf.folder(folder, "hub-repository", "by hand", "model_index.json of many parts")
    embedding = path_of("hub/textual_inversion.bin")
    torch.save({"<style>": torch.ones(8)}, embedding)
    shelf.put(embedding, "torch-zip", "torch " + torch.__version__.split("+")[0], "textual inversion embedding")


def pointers(shelf):
    """A clone without large files: the pointer text stands where the weights would be."""
    folder = "hub/with_pointers"
    write_json(f"{folder}/config.json", {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "vocab_size": 32000})
    with open(f"{folder}/model.safetensors", "w") as file:
        file.write("version https://git-lfs.github.com/spec/v1\noid sha256:" + "a1" * 32 + "\nsize 4096\n")
    with open(f"{folder}/.gitattributes", "w") as file:
        file.write("*.safetensors filter=lfs diff=lfs merge=lfs -text\n")
    shelf.folder(folder, "hub-repository", "by hand", "large file is a pointer: there is nothing to read yet",
                 {".safetensors": "lfs-pointer"}, verdicts={".safetensors": "unread", "with_pointers/": "unread"})


FAMILIES = [tokenizers_alone, sentence_pieces, chat_models, old_tokenizer_config, repositories, sentence_transformer,
            sentence_transformer_by_hand, diffusers_pipeline, pointers]
