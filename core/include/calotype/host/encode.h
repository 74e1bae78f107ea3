#pragma once
#include <calotype/export.h>
#include <calotype/host/run.h>

#include <string>
#include <string_view>

namespace calotype {

/// The bytes of a PNG file with the image's parameters and record, as a run writes it. Throws Error (out_of_memory).
CALOTYPE_API std::string to_png(const GeneratedImage& image);
/// Base64 of RFC 4648, with padding and without line breaks.
CALOTYPE_API std::string to_base64(std::string_view bytes);
/// A JSON object on one line: seconds of each phase, model evaluations, peaks of memory in bytes.
CALOTYPE_API std::string statistics_json(const Statistics& statistics);

}  // namespace calotype
