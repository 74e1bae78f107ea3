#include "core/config_fixture.h"

using namespace config_test;

TEST_CASE("config errors: plugin folders, before there is a catalog") {
  const Folder folder;
  const auto paths = [](const std::string& line, ErrorCode code = ErrorCode::config) {
    return message_of([&] { Config::from_text(kBase + line, "a.yaml").plugin_paths(); }, code);
  };
  CHECK(paths("plugins: plugins") == "a.yaml:3:10: plugins: want a map with path or allow, got \"plugins\"");
  CHECK(paths("plugins: {}") == "a.yaml:3:10: plugins: missing key \"path\"");
  CHECK(paths("plugins: {paths: x}") ==
        "a.yaml:3:11: plugins: unknown key \"paths\"; did you mean \"path\"? known: path, allow");
  CHECK(paths("plugins: {path: }") == "a.yaml:3:11: plugins.path: want a folder or a list of folders, got nothing");
  CHECK(paths("plugins: {path: {a: b}}") == "a.yaml:3:17: plugins.path: want a folder or a list of folders, got a map");
  CHECK(paths("plugins: {path: [plugins, [a]]}") == "a.yaml:3:27: plugins.path[1]: want a folder, got a list");
  CHECK(paths("plugins: {path: gone}", ErrorCode::no_input) ==
        "a.yaml:3:17: plugins.path: no folder \"" + folder / "gone" + "\"");
  CHECK(paths("plugins: {path: [notes.txt]}", ErrorCode::no_input) ==
        "a.yaml:3:18: plugins.path[0]: want a folder, got the file \"" + folder / "notes.txt" +
            "\"; name its folder, \"" + fs::path(folder / "x").parent_path().string() + "\"");
}

TEST_CASE("config: a file's ending may be in upper case") {
  const Folder folder;
  Folder::write("UPPER.SAFETENSORS", "");
  Folder::write("OLD.CKPT", "");
  CHECK(resolved("model: UPPER.SAFETENSORS\nprompt: x\n").loader.entry.id == "sdxl");
  CHECK(message_of([] {
          resolved("model: OLD.CKPT\nprompt: x\n");
        }).starts_with("a.yaml:1:8: model: want safetensors, got the pickle"));
}

TEST_CASE("config errors: the model") {
  const Folder folder;
  const auto model = [](const std::string& value, ErrorCode code = ErrorCode::config) {
    return message_of([&] { resolved("prompt: x\nmodel: " + value + "\n"); }, code);
  };
  const std::string accepted =
      "accepted: a file .two (other), a folder with model_index.json (sdxl), a file .safetensors (sdxl), a file .two "
      "(sdxl)";
  CHECK(message_of([] { resolved("prompt: x\n"); }) == "a.yaml: missing key \"model\"");
  CHECK(message_of([] { resolved("model: m.safetensors\n"); }) == "a.yaml: missing key \"prompt\"");
  CHECK(model("") == "a.yaml:2:1: model: want a path, or a map with a path, got nothing");
  CHECK(model("[a]") == "a.yaml:2:8: model: want a path, or a map with a path, got a list");
  CHECK(model("\"\"") == "a.yaml:2:8: model: want a path or a name, got \"\"");
  CHECK(model("{loader: sdxl}") == "a.yaml:2:8: model: missing key \"path\"");
  CHECK(model("{path: {a: b}}") == "a.yaml:2:15: model: want a path or a name, got a map");
  CHECK(model("gone.safetensors", ErrorCode::no_input) ==
        "a.yaml:2:8: model: no file or folder \"" + folder / "gone.safetensors" + "\"");
  CHECK(model("/dev/null", ErrorCode::no_input) ==
        "a.yaml:2:8: model: want a file or a folder, got a pipe or a device, \"/dev/null\"");
  CHECK(model("notes.txt") == "a.yaml:2:8: model: no loader accepts \"" + folder / "notes.txt" + "\"; " + accepted);
  CHECK(model("empty") == "a.yaml:2:8: model: no loader accepts \"" + folder / "empty" + "\"; " + accepted);
  CHECK(model("x.two") == "a.yaml:2:8: model: loaders \"other\" and \"sdxl\" both accept \"" + folder / "x.two" +
                              "\"; choose by the key model.loader");
  CHECK(model("{path: x.two, loader: sdlx}") ==
        "a.yaml:2:30: unknown loader \"sdlx\"; did you mean \"sdxl\"? known: other, sdxl");
  CHECK(model("{path: x.two, loader: other, vae: x}") ==
        "a.yaml:2:37: loader \"other\": unknown key \"vae\"; known: path, loader");
  CHECK(model("{path: m.safetensors, vea: x}") ==
        "a.yaml:2:30: loader \"sdxl\": unknown key \"vea\"; did you mean \"vae\"? known: path, loader, vae");
  CHECK(model("{path: m.safetensors, vae: gone.safetensors}", ErrorCode::no_input) ==
        "a.yaml:2:35: model.vae: no file or folder \"" + folder / "gone.safetensors" + "\"");
  CHECK(model("{path: m.safetensors, vae: }") ==
        "a.yaml:2:30: model.vae: want a text, got nothing; write \"\" for an empty one");
  CHECK(model("old.ckpt") == "a.yaml:2:8: model: want safetensors, got the pickle \"" + folder / "old.ckpt" +
                                 "\", which may run code when it is read; convert it in python: w = "
                                 "torch.load(\"old.ckpt\", weights_only=True); "
                                 "w = w.get(\"state_dict\", w); safetensors.torch.save_file({k: v.contiguous() for k, "
                                 "v in w.items() if hasattr(v, "
                                 "\"shape\")}, \"old.safetensors\")");
  CHECK(model("old.bin").starts_with("a.yaml:2:8: model: want safetensors, got the pickle"));
  CHECK(message_of([] { resolve(Config::from_text(kBase, "a.yaml"), Catalog()); }) ==
        "a.yaml:1:8: model: no loader accepts \"" + folder / "m.safetensors" +
            "\"; accepted: nothing, for no plugin offers a loader\na.yaml: unknown pipeline \"text_to_image\"; none is "
            "known");
}

TEST_CASE("config errors: the file itself") {
  const Folder folder;
  const auto file = [](const std::string& path) {
    return message_of([&] { Config::from_file(path); }, ErrorCode::no_input);
  };
  CHECK(file("") == "want the path of a config, got \"\"");
  CHECK(file("gone.yaml") == "gone.yaml: no such file");
  CHECK(file("empty") == "empty: not a file");
  CHECK(file("/dev/zero") == "/dev/zero: not a file");
  Folder::write("bad.yaml", "seed: 1\nseed: 2\n");
  CHECK(message_of([] {
          resolve(Config::from_file("bad.yaml"), make_catalog());
        }).starts_with("bad.yaml:2:1: duplicate key \"seed\"; first given at 1:1\nbad.yaml: missing key \"model\"\n"));
}
