"""The sizes of the demo model's parts: SDXL's module structure, about a thousandth of its parameters.

Group and head counts differ from SDXL's: 32 groups would leave one channel a group here, and normalise colour away.
"""

MERGES = 6654
VOCABULARY = MERGES + 514
WIDTH_1, WIDTH_2 = 32, 64  # of the two text encoders
CONTEXT = WIDTH_1 + WIDTH_2
TIME_ID_WIDTH = 32

_TEXT = dict(vocab_size=VOCABULARY, max_position_embeddings=77, num_hidden_layers=3, layer_norm_eps=1e-5,
             bos_token_id=VOCABULARY - 2, eos_token_id=VOCABULARY - 1)
TEXT_1 = dict(_TEXT, hidden_size=WIDTH_1, intermediate_size=4 * WIDTH_1, num_attention_heads=2, hidden_act="quick_gelu",
              projection_dim=WIDTH_1, pad_token_id=VOCABULARY - 1)
TEXT_2 = dict(_TEXT, hidden_size=WIDTH_2, intermediate_size=4 * WIDTH_2, num_attention_heads=4, hidden_act="gelu",
              projection_dim=WIDTH_2, pad_token_id=0)

UNET = dict(
    sample_size=16,
    in_channels=4,
    out_channels=4,
    block_out_channels=(32, 48, 64),
    layers_per_block=2,
    down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
    up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
    transformer_layers_per_block=(1, 1, 2),
    attention_head_dim=(2, 3, 4),
    cross_attention_dim=CONTEXT,
    addition_embed_type="text_time",
    addition_time_embed_dim=TIME_ID_WIDTH,
    projection_class_embeddings_input_dim=6 * TIME_ID_WIDTH + WIDTH_2,
    use_linear_projection=True,
    norm_num_groups=8,
)

VAE = dict(in_channels=3, out_channels=3, latent_channels=4, block_out_channels=(16, 24, 32, 32),
           down_block_types=("DownEncoderBlock2D",) * 4, up_block_types=("UpDecoderBlock2D",) * 4, layers_per_block=2,
           act_fn="silu", norm_num_groups=4, sample_size=128, scaling_factor=0.13025, force_upcast=False)

# SDXL's noise levels: as in its published scheduler_config.json
NOISE = dict(
    num_train_timesteps=1000,
    beta_start=0.00085,
    beta_end=0.012,
    beta_schedule="scaled_linear",
    steps_offset=1,
    timestep_spacing="leading",
    prediction_type="epsilon",
    interpolation_type="linear",
    use_karras_sigmas=False,
)
