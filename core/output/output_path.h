#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace calotype {

/// The values of the placeholders of an output template: {seed} {variation_seed} {index} {prompt} {scheduler} {sampler}
/// {config} {model} {date} {time}. A number may have a minimum of digits: {index:05}.
struct OutputNames {
  uint64_t seed = 0, variation_seed = 0;
  int index = 0;                                               ///< number of the image, from 0
  std::string_view prompt, scheduler, sampler, config, model;  ///< as given; converted for file names here
  std::string_view time;                                       ///< now(), or a test's time; {date} is part of it
};

/// The config's settings for variations.
struct Variations {
  bool seed = false,
       strength = false;  ///< there is a variation seed, and all images share `seed`
};

/// The error in a template, to follow the key's name, or "": an ending other than `ending`, an unknown placeholder,
/// {variation_seed} without a variation seed, ".." as a folder, a control character, or one file for several images.
std::string output_path_problem(std::string_view path_template, std::string_view ending, int images,
                                Variations variations = {});

/// The path with every placeholder filled in. The template must have no error.
std::string render_output_path(std::string_view path_template, const OutputNames& names);

/// YYYY-MM-DD_HH-MM-SS in local time.
std::string now();

}  // namespace calotype
