"""Checkpoints as trainers write them: by hand, transformers, Lightning, peft, accelerate."""

import os
import random
import shutil

from make import path_of, seed
from write_torch import small, version


def by_hand(shelf):
    import numpy as np
    import torch

    model = small()
    optimizer = torch.optim.Adam(model.parameters())
    model(torch.ones(3, 4)).sum().backward()
    optimizer.step()
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.9)
    checkpoint = {
        "epoch": 3,
        "global_step": 120,
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
        "scheduler": scheduler.state_dict(),
        "scaler": torch.amp.GradScaler("cpu", enabled=False).state_dict(),
        "best": 0.91,
        "classes": ["cat", "dog"],
        "config": {"lr": 1e-3, "layers": (4, 8, 2), "name": "small", "resume": None},
    }
    path = path_of("checkpoints/plain.ckpt")
    torch.save(checkpoint, path)
    shelf.put(path, "torch-zip", version(), "epoch, model, optimiser, scheduler")
    path = path_of("checkpoints/plain_legacy.pth.tar")
    torch.save(checkpoint, path, _use_new_zipfile_serialization=False)
    shelf.put(path, "torch-legacy", version(), "the same in the legacy form")
    checkpoint["rng"] = {"python": random.getstate(), "numpy": np.random.get_state(), "torch": torch.get_rng_state()}
    path = path_of("checkpoints/with_rng_states.pt")
    torch.save(checkpoint, path)
    shelf.put(path, "torch-zip", version(), "with the states of python's and numpy's generators")
    average = torch.optim.swa_utils.AveragedModel(model)
    path = path_of("checkpoints/averaged.pt")
    torch.save({"ema": average.state_dict(), "updates": 7}, path)
    shelf.put(path, "torch-zip", version(), "averaged model")
    path = path_of("checkpoints/half_whole_model.pt")
    torch.save({"epoch": -1, "model": small().half(), "optimizer": None, "date": "2024-01-01"}, path)
    shelf.put(path, "torch-zip", version(), "whole module inside a checkpoint")


def lightning(shelf):
    import logging

    import pytorch_lightning as pl
    import torch

    logging.getLogger("pytorch_lightning").setLevel(logging.ERROR)

    class Small(pl.LightningModule):
        def __init__(self, width=8, rate=0.01):
            super().__init__()
            self.save_hyperparameters()
            self.layer = torch.nn.Linear(4, width)

        def training_step(self, batch, _):
            return self.layer(batch[0]).sum()

        def configure_optimizers(self):
            optimizer = torch.optim.AdamW(self.parameters(), self.hparams.rate)
            return [optimizer], [torch.optim.lr_scheduler.StepLR(optimizer, 1)]

    seed()
    data = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(torch.ones(4, 4)), batch_size=2)
    trainer = pl.Trainer(
        max_epochs=1, accelerator="cpu", logger=False, enable_progress_bar=False, enable_model_summary=False,
        enable_checkpointing=True, default_root_dir=".",
        callbacks=[pl.callbacks.ModelCheckpoint(dirpath="lightning_callback", save_last=True),
                   pl.callbacks.EarlyStopping("loss", check_on_train_epoch_end=False)][:1],
    )
    trainer.fit(Small(), data)
    path = path_of("checkpoints/lightning.ckpt")
    trainer.save_checkpoint(path)
    shelf.put(path, "torch-zip", "pytorch-lightning " + pl.__version__, "Trainer.save_checkpoint")
    path = path_of("checkpoints/lightning_weights.ckpt")
    trainer.save_checkpoint(path, weights_only=True)
    shelf.put(path, "torch-zip", "pytorch-lightning " + pl.__version__, "weights only")


def transformers_trainer(shelf):
    import torch
    import transformers
    from transformers import BertConfig, BertForSequenceClassification, Trainer, TrainingArguments

    seed()
    config = BertConfig(vocab_size=32, hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=8,
                        max_position_embeddings=16)
    model = BertForSequenceClassification(config)
    rows = [{"input_ids": torch.tensor([1, 2, 3]), "labels": torch.tensor(number % 2)} for number in range(4)]
    arguments = TrainingArguments(output_dir="trainer", max_steps=2, per_device_train_batch_size=2, save_steps=2,
                                  report_to=[], use_cpu=True, disable_tqdm=True, logging_steps=1)
    Trainer(model=model, args=arguments, train_dataset=rows).train()
    source = "trainer/checkpoint-2"
    which = {"training_args.bin": "torch-zip", "optimizer.pt": "torch-zip", "scheduler.pt": "torch-zip",
             "rng_state.pth": "torch-zip", "model.safetensors": "safetensors", "trainer_state.json": "json",
             "config.json": "json"}
    folder = "checkpoints/transformers"
    os.makedirs(folder)
    for file in sorted(os.listdir(source)):
        shutil.copyfile(f"{source}/{file}", f"{folder}/{file}")
    shelf.folder(folder, "hub-repository", "transformers " + transformers.__version__, "a Trainer's checkpoint", which)


def adapters(shelf):
    import peft
    import torch
    from transformers import BertConfig, BertModel

    seed()
    config = BertConfig(vocab_size=32, hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=8,
                        max_position_embeddings=16)
    model = peft.get_peft_model(BertModel(config), peft.LoraConfig(r=2, target_modules=["query", "value"]))
    for kind, folder in ((False, "checkpoints/peft_bin"), (True, "checkpoints/peft_safetensors")):
        model.save_pretrained(folder, safe_serialization=kind)
        for name in os.listdir(folder):
            if name.endswith(".md"):
                os.remove(f"{folder}/{name}")
        shelf.folder(folder, "hub-repository", "peft " + peft.__version__, "LoRA adapter", {".bin": "torch-zip"})
    if not os.path.exists("checkpoints/peft_bin/adapter_model.bin"):
        path = "checkpoints/adapter_model.bin"
        torch.save(peft.get_peft_model_state_dict(model), path)
        shelf.put(path, "torch-zip", "peft " + peft.__version__, "LoRA adapter as torch file")


def accelerated(shelf):
    import accelerate
    import torch

    seed()
    accelerator = accelerate.Accelerator(cpu=True)
    model = small()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    model, optimizer = accelerator.prepare(model, optimizer)
    folder = "checkpoints/accelerate"
    accelerator.save_state(folder, safe_serialization=False)
    shelf.folder(folder, "directory", "accelerate " + accelerate.__version__, "Accelerator.save_state",
                 {"random_states_0.pkl": "torch-zip", ".bin": "torch-zip"})


def sharded(shelf):
    """Two shards with their index, as transformers writes them."""
    import json

    import torch

    folder = "checkpoints/sharded_bin"
    os.makedirs(folder)
    state = small().state_dict()
    names = list(state)
    mapping = {}
    for number, part in enumerate((names[:3], names[3:]), 1):
        file = f"pytorch_model-{number:05}-of-00002.bin"
        torch.save({name: state[name] for name in part}, f"{folder}/{file}")
        mapping.update({name: file for name in part})
    with open(f"{folder}/pytorch_model.bin.index.json", "w") as file:
        json.dump({"metadata": {"total_size": 400}, "weight_map": mapping}, file, indent=2)
    shelf.folder(folder, "hub-repository", version(), "sharded torch weights with index")


FAMILIES = [by_hand, lightning, transformers_trainer, adapters, accelerated, sharded]
