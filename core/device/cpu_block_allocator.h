#pragma once

namespace calotype {

/// From here on, and for the whole process, ATen's large tensors on the CPU lie side by side in memory that is asked of
/// the system in pages of 2 MiB where it has them, and that is kept for the next tensors: fresh memory costs more than
/// much of what is computed in it. Small tensors stay with malloc. Idempotent; any thread.
void use_block_memory();

/// Gives what no tensor lies in back to the system. Any thread.
void release_blocks();

}  // namespace calotype
