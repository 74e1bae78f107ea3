"""The lines of the second call: how fast is it, and where does the time go?"""
from full_size import bench, model, our_line, peer
from lines import Line

LINES = [Line("model", 120, model),
         our_line("ours", alike=False),
         our_line("ours-no-graphs", cuda_graphs="off"),
         our_line("ours-graphs", cuda_graphs="on"),
         bench("gemm", "gemm"),
         peer("diffusers", 90),
         our_line("ours-4", images=4, alike=False),
         bench("kernels", "norm", "geglu", "residual"),
         bench("attention", "attention"),
         bench("convolutions", "convolution"),
         our_line("ours-tf32", dtype="float32", allow_tf32=True),
         peer("diffusers-compiled", 240, "--compile"),
         our_line("ours-again"),  # after the others: how far the card drifted
         peer("diffusers-4", 90, batch=4)]
