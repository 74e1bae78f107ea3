#pragma once

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "image_checker.h"

/// tests/data/demo_prompts.json: 100 captions that the demo model was not trained on, each with the scene that it
/// describes.
struct DemoPrompt {
  std::string caption;
  image_checker::Scene scene;
};

inline std::vector<DemoPrompt> read_demo_prompts(const std::string& file) {
  std::vector<DemoPrompt> prompts;
  for (const auto& entry : nlohmann::json::parse(std::ifstream(file))) {
    DemoPrompt prompt{entry.at("caption"), {entry.at("background"), {}}};
    for (const auto& o : entry.at("objects")) {
      prompt.scene.objects.push_back({o.at("shape"), o.at("colour"), o.at("x"), o.at("y")});
    }
    prompts.push_back(std::move(prompt));
  }
  return prompts;
}
