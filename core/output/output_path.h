#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace calotype {

/// What stands for the placeholders of an output template: {seed} {variation_seed} {index} {prompt} {scheduler}
/// {sampler} {config} {model} {date} {time}. Numbers may say how many digits they have at least: {index:05}.
struct OutputNames {
  uint64_t seed = 0, variation_seed = 0;
  int index = 0;                                               ///< of the image, from 0
  std::string_view prompt, scheduler, sampler, config, model;  ///< as given; made fit for a file name here
  std::string_view time;                                       ///< now(), or what a test wants; the date is in it
};

/// What a config says of variations.
struct Variations {
  bool seed = false,
       strength = false;  ///< whether there is another seed, and images are turned to it, so that they share theirs
};

/// What is wrong with a template, as an error says it after the key's name, or "": an ending other than `ending`, an
/// unknown placeholder, {variation_seed} where there is none, ".." as a folder, a control character, or one file for
/// several images.
std::string output_path_problem(std::string_view path_template, std::string_view ending, int images,
                                Variations variations = {});

/// The path with every placeholder filled in. The template has no problem.
std::string render_output_path(std::string_view path_template, const OutputNames& names);

/// YYYY-MM-DD_HH-MM-SS in local time.
std::string now();

}  // namespace calotype
