#pragma once

namespace calotype::sdxl {

struct FoundModel;

/// Whether every tensor has as many dimensions as its layer takes, by the names that diffusers gives them: what has not would
/// fail in the middle of a run. Throws Error (bad_data) that names the tensor as its file does.
void check_dimensions(const FoundModel& model);

}  // namespace calotype::sdxl
