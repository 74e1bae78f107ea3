#pragma once

namespace calotype::sdxl::cpu {

/// How a number is stored: 4, 2 and 2 bytes.
enum class NumberFormat { kFloat32, kFloat16, kBFloat16 };

}  // namespace calotype::sdxl::cpu
