#pragma once

namespace calotype::networks::cpu {

/// How a number is stored: 4, 2 and 2 bytes.
enum class NumberFormat { kFloat32, kFloat16, kBFloat16 };

}  // namespace calotype::networks::cpu
