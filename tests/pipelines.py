"""Narrow random checkpoints of the families that diffusers' own pipelines draw with, as folders."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from diffusers import (
    AutoencoderKL,
    AutoencoderKLFlux2,
    AutoencoderKLLTXVideo,
    AutoencoderKLQwenImage,
    AutoencoderKLWan,
    FlowMatchEulerDiscreteScheduler,
    Flux2Transformer2DModel,
    FluxControlNetModel,
    FluxTransformer2DModel,
    LTXVideoTransformer3DModel,
    QwenImageControlNetModel,
    QwenImageTransformer2DModel,
    UniPCMultistepScheduler,
    WanTransformer3DModel,
    WanVACETransformer3DModel,
    ZImageControlNetModel,
    ZImageTransformer2DModel,
)
from tokenizers.pre_tokenizers import ByteLevel
from transformers import (
    CLIPTextModel,
    Qwen2_5_VLConfig,
    Qwen2_5_VLForConditionalGeneration,
    Qwen2Tokenizer,
    Qwen2VLImageProcessor,
    Qwen2VLProcessor,
    Qwen2VLVideoProcessor,
    Qwen3Config,
    Qwen3ForCausalLM,
    Qwen3Model,
    T5Config,
    T5EncoderModel,
    T5TokenizerFast,
    UMT5Config,
    UMT5EncoderModel,
)

from stylize.diffusion.single_file.tokenizer import clip_tokenizer
from tests.families import make_text

CHAT = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n"
    "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
SPECIAL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|vision_start|>", "<|vision_end|>", "<|image_pad|>",
           "<|video_pad|>")  # fmt: skip
WIDTH = 32
CLASSES = {
    "flux": "FluxPipeline",
    "kontext": "FluxKontextPipeline",
    "flux2-klein": "Flux2KleinPipeline",
    "qwen-image": "QwenImagePipeline",
    "qwen-edit": "QwenImageEditPipeline",
    "qwen-edit-plus": "QwenImageEditPlusPipeline",
    "z-image": "ZImagePipeline",
    "wan-vace": "WanVACEPipeline",
    "wan": "WanPipeline",
    "ltx": "LTXPipeline",
    "wan-2.2": "WanPipeline",
    "wan-2.2-5b": "WanPipeline",
}


def write_pipeline(name: str, folder: Path) -> Path:
    """A diffusers folder of a key of `CLASSES`, with weights from a fixed seed."""
    torch.manual_seed(sum(map(ord, name)))
    makers: dict[str, Callable[[], dict[str, Any]]] = {
        "flux": _flux, "kontext": _flux, "flux2-klein": _klein, "qwen-image": _qwen, "qwen-edit": _qwen_edit,
        "qwen-edit-plus": _qwen_edit, "z-image": _z_image, "wan-vace": _vace,
        "wan": _wan, "ltx": _ltx, "wan-2.2": _wan_of_two, "wan-2.2-5b": _wan_coarse,
    }  # fmt: skip
    parts = makers[name]()
    index: dict[str, Any] = {"_class_name": CLASSES[name]}
    for part, value in parts.items():
        if not hasattr(value, "save_pretrained"):
            index[part] = value
            continue
        value.save_pretrained(folder / part)
        library = "transformers" if part.startswith(("text", "token", "proc")) else "diffusers"
        index[part] = [library, type(value).__name__]
    (folder / "model_index.json").write_text(json.dumps(index))
    return folder


def flux_controlnet(modes: int | None = None) -> FluxControlNetModel:
    torch.manual_seed(3)
    net = FluxControlNetModel(
        in_channels=16, num_layers=1, num_single_layers=1, attention_head_dim=16, num_attention_heads=2,
        joint_attention_dim=WIDTH, pooled_projection_dim=WIDTH, axes_dims_rope=[4, 4, 8], num_mode=modes,
    )  # fmt: skip
    return _loud(net)


def qwen_controlnet() -> QwenImageControlNetModel:
    torch.manual_seed(4)
    net = QwenImageControlNetModel(
        in_channels=16, out_channels=4, num_layers=1, attention_head_dim=16, num_attention_heads=2,
        joint_attention_dim=16, axes_dims_rope=(8, 4, 4),
    )  # fmt: skip
    return _loud(net)


def z_image_controlnet(refiner: str | None) -> ZImageControlNetModel:
    """Of version 1 (None), 2.0 (`control_layers`) or 2.1 (`control_noise_refiner`), which take more channels."""
    torch.manual_seed(6)
    net = ZImageControlNetModel(
        control_layers_places=[0], control_refiner_layers_places=[0] if refiner else None,
        control_in_dim=9 if refiner else 4, add_control_noise_refiner=refiner, dim=32, n_refiner_layers=1,
        n_heads=2, n_kv_heads=2,
    )  # fmt: skip
    return _loud(net)


def _loud(net: Any) -> Any:
    """Carriers that are zero before a training are given weights."""
    for name, weight in net.named_parameters():
        if not weight.any():
            torch.nn.init.normal_(weight, std=0.1) if weight.dim() > 1 else None
        assert name
    return net


def _flux() -> dict[str, Any]:
    return {
        "scheduler": FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True),
        "text_encoder": CLIPTextModel(make_text(WIDTH, "quick_gelu", WIDTH)),
        "tokenizer": clip_tokenizer(False),
        "text_encoder_2": T5EncoderModel(T5Config(**_t5(_t5_tokenizer()))).eval(),
        "tokenizer_2": _t5_tokenizer(),
        "transformer": FluxTransformer2DModel(
            in_channels=16, num_layers=1, num_single_layers=1, attention_head_dim=16, num_attention_heads=2,
            joint_attention_dim=WIDTH, pooled_projection_dim=WIDTH, axes_dims_rope=(4, 4, 8), guidance_embeds=True,
        ),
        "vae": _vae(4),
        "image_encoder": [None, None],
        "feature_extractor": [None, None],
    }  # fmt: skip


def _klein() -> dict[str, Any]:
    tokenizer = _qwen_tokenizer()
    return {
        "scheduler": FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True),
        "text_encoder": Qwen3ForCausalLM(_qwen3(tokenizer, 28)),
        "tokenizer": tokenizer,
        "transformer": Flux2Transformer2DModel(
            in_channels=16, num_layers=1, num_single_layers=1, attention_head_dim=16, num_attention_heads=2,
            joint_attention_dim=3 * 16, timestep_guidance_channels=256, axes_dims_rope=(4, 4, 4, 4),
            guidance_embeds=False,
        ),
        "vae": AutoencoderKLFlux2(
            block_out_channels=(16,) * 4, latent_channels=4, norm_num_groups=8, layers_per_block=1,
        ),
        "is_distilled": False,
    }  # fmt: skip


def _qwen() -> dict[str, Any]:
    tokenizer = _qwen_tokenizer()
    ids = {name: tokenizer.convert_tokens_to_ids(name) for name in SPECIAL}
    text = {
        "vocab_size": len(tokenizer), "hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 2,
        "num_attention_heads": 2, "num_key_value_heads": 2, "bos_token_id": 0, "eos_token_id": 0,
        "rope_parameters": {"rope_type": "default", "rope_theta": 1e6, "mrope_section": [1, 1, 2]},
    }  # fmt: skip
    vision = {"depth": 1, "hidden_size": 16, "intermediate_size": 16, "num_heads": 2, "out_hidden_size": 16}
    config = Qwen2_5_VLConfig(
        text_config=text, vision_config=vision, image_token_id=ids["<|image_pad|>"],
        video_token_id=ids["<|video_pad|>"], vision_start_token_id=ids["<|vision_start|>"],
        vision_end_token_id=ids["<|vision_end|>"],
    )  # fmt: skip
    return {
        "scheduler": FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True),
        "text_encoder": Qwen2_5_VLForConditionalGeneration(config),
        "tokenizer": tokenizer,
        "transformer": QwenImageTransformer2DModel(
            in_channels=16, out_channels=4, num_layers=1, attention_head_dim=16, num_attention_heads=2,
            joint_attention_dim=16, axes_dims_rope=(8, 4, 4),
        ),
        "vae": AutoencoderKLQwenImage(**_video_vae()),
    }  # fmt: skip


def _qwen_edit() -> dict[str, Any]:
    parts = _qwen()
    parts["processor"] = Qwen2VLProcessor(
        Qwen2VLImageProcessor(), parts["tokenizer"], Qwen2VLVideoProcessor(), chat_template=CHAT
    )
    return parts


def _z_image() -> dict[str, Any]:
    tokenizer = _qwen_tokenizer()
    return {
        "scheduler": FlowMatchEulerDiscreteScheduler(shift=3.0),
        "text_encoder": Qwen3Model(_qwen3(tokenizer, 3)),
        "tokenizer": tokenizer,
        "transformer": ZImageTransformer2DModel(
            in_channels=4, dim=32, n_layers=1, n_refiner_layers=1, n_heads=2, n_kv_heads=2, cap_feat_dim=16,
            axes_dims=[4, 6, 6], axes_lens=[640, 64, 64],
        ),
        "vae": _vae(4),
    }  # fmt: skip


def _vace() -> dict[str, Any]:
    own = _wan_transformer(4) | {"vace_layers": [0], "vace_in_channels": 2 * 4 + 64}
    return _of_wan(WanVACETransformer3DModel(**own)) | {"transformer_2": [None, None], "boundary_ratio": None}


def _ltx() -> dict[str, Any]:
    tokenizer = _t5_tokenizer()
    vae = AutoencoderKLLTXVideo(
        latent_channels=8, block_out_channels=(8,) * 4, decoder_block_out_channels=(8,) * 4,
        layers_per_block=(1,) * 5, decoder_layers_per_block=(1,) * 5,
    )  # fmt: skip
    vae.latents_mean += 0.2
    vae.latents_std *= 1.5
    return {
        "scheduler": FlowMatchEulerDiscreteScheduler(),
        "text_encoder": T5EncoderModel(T5Config(**_t5(tokenizer))).eval(),
        "tokenizer": tokenizer,
        "transformer": LTXVideoTransformer3DModel(
            in_channels=8, out_channels=8, num_attention_heads=2, attention_head_dim=12, cross_attention_dim=24,
            num_layers=2, caption_channels=WIDTH,
        ),
        "vae": vae.eval(),
    }  # fmt: skip


def _wan() -> dict[str, Any]:
    none = {"transformer_2": [None, None], "boundary_ratio": None, "expand_timesteps": False}
    return _of_wan(WanTransformer3DModel(**_wan_transformer(4))) | none


def _wan_of_two() -> dict[str, Any]:
    """Of two transformers, as the 14 billion weights of version 2.2."""
    first, second = (WanTransformer3DModel(**_wan_transformer(4)) for _ in range(2))
    return _of_wan(first) | {"transformer_2": second, "boundary_ratio": 0.875, "expand_timesteps": False}


def _wan_coarse() -> dict[str, Any]:
    """Of latents that span 16 px, as the 5 billion weights of version 2.2."""
    vae = _video_vae() | {
        "z_dim": 8, "latents_mean": [0.1] * 8, "latents_std": [1.5] * 8, "is_residual": True, "in_channels": 12,
        "out_channels": 12, "patch_size": 2, "scale_factor_spatial": 16, "decoder_base_dim": 8,
    }  # fmt: skip
    parts = _of_wan(WanTransformer3DModel(**_wan_transformer(8))) | {"vae": AutoencoderKLWan(**vae)}
    return parts | {"transformer_2": [None, None], "boundary_ratio": None, "expand_timesteps": True}


def _wan_transformer(channels: int) -> dict[str, Any]:
    return {
        "num_attention_heads": 2, "attention_head_dim": 12, "in_channels": channels, "out_channels": channels,
        "text_dim": WIDTH, "freq_dim": 16, "ffn_dim": 32, "num_layers": 2,
    }  # fmt: skip


def _of_wan(transformer: Any) -> dict[str, Any]:
    tokenizer = _t5_tokenizer()
    return {
        "scheduler": UniPCMultistepScheduler(
            prediction_type="flow_prediction", use_flow_sigmas=True, flow_shift=3.0, num_train_timesteps=1000
        ),
        "text_encoder": UMT5EncoderModel(UMT5Config(**_t5(tokenizer))).eval(),
        "tokenizer": tokenizer,
        "transformer": transformer,
        "vae": AutoencoderKLWan(**_video_vae()),
    }  # fmt: skip


def _vae(channels: int) -> AutoencoderKL:
    return AutoencoderKL(
        block_out_channels=(16,) * 4, down_block_types=("DownEncoderBlock2D",) * 4, norm_num_groups=8,
        up_block_types=("UpDecoderBlock2D",) * 4, latent_channels=channels, scaling_factor=0.36, shift_factor=0.11,
    )  # fmt: skip


def _video_vae() -> dict[str, Any]:
    return {
        "base_dim": 8, "z_dim": 4, "dim_mult": [1, 1, 1, 1], "num_res_blocks": 1,
        "latents_mean": [-0.7, 0.1, 0.2, -0.3], "latents_std": [2.8, 1.4, 2.3, 1.9],
    }  # fmt: skip


def _t5(tokenizer: Any) -> dict[str, Any]:
    return {
        "vocab_size": len(tokenizer), "d_model": WIDTH, "d_kv": 16, "d_ff": 32, "num_layers": 2, "num_heads": 2,
        "pad_token_id": 0, "eos_token_id": 1,
    }  # fmt: skip


def _qwen3(tokenizer: Any, layers: int) -> Qwen3Config:
    return Qwen3Config(
        vocab_size=len(tokenizer), hidden_size=16, intermediate_size=16, num_hidden_layers=layers,
        num_attention_heads=2, num_key_value_heads=1, head_dim=8, bos_token_id=0, eos_token_id=0,
    )  # fmt: skip


def _t5_tokenizer() -> Any:
    letters = [(letter, -3.0) for letter in "abcdefghijklmnopqrstuvwxyz,."]
    vocab = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("▁", -2.0), *letters]
    return T5TokenizerFast(vocab=vocab, extra_ids=0, model_max_length=64)


def _qwen_tokenizer() -> Any:
    vocab = {letter: place for place, letter in enumerate(sorted(ByteLevel.alphabet()))}
    tokenizer = Qwen2Tokenizer(vocab=vocab, merges=[], model_max_length=512)
    tokenizer.add_special_tokens({"additional_special_tokens": list(SPECIAL[1:])})
    tokenizer.chat_template = CHAT
    return tokenizer
