// How a name becomes a model. The catalog is made up: nothing is loaded.
#include "core/config_fixture.h"
#include "core/models_folder.h"
#include "models/hub_cache.h"
#include "models/model_aliases.h"
#include "models/model_lookup.h"
#include "models/search_folders.h"

using namespace config_test;

namespace {

ModelSearchPath search_path_of(const std::string& folder, const std::string& hub = "") {
  return {{folder}, {}, hub, {CALOTYPE_SOURCE "/core/data/model_names.yaml"}};
}

/// The path that a name means, or the error.
std::string found(const std::string& name, const ModelSearchPath& search, ErrorCode code = ErrorCode::config) {
  std::string path;
  const std::string message =
      message_of([&] { path = find_model(name, "/config/" + name, search, ModelMarks(make_catalog())).path; }, code);
  return path.empty() ? message : path;
}

}  // namespace

TEST_CASE("models: every known name finds its file") {
  const ModelsFolder t;
  t.fill();
  const std::pair<const char*, const char*> rows[] = {
      {"RunDiffusion/Juggernaut-XL-Lightning", "juggernaut-xl-lightning"},
      {"SG161222/RealVisXL_V5.0", "realvisxl-v5"},
      {"CyberRealisticXL", "cyberrealistic-xl-v80"},
      {"cyberdelia/CyberRealistic_XL", "cyberrealistic-xl-v80"},
      {"cyberdelia/CyberRealisticPony", "cyberrealistic-pony"},
      {"Lykon/dreamshaper-xl-1-0", "dreamshaper-xl"},
      {"dataautogpt3/ProteusV0.4", "proteus-xl"},
      {"cagliostrolab/animagine-xl-3.1", "animagine-xl"},
      {"imagepipeline/NightVisionXL", "nightvision-xl"},
      {"Disra/NightVisionXL", "nightvision-xl"},
      {"NightVisionXL", "nightvision-xl"},
      {"epicrealism-xl-v5", "epicrealism-xl-purefix"},
      {"epicella-xl", "epicella-xl"},
      {"zavychromaxl-v80", "zavychroma-xl"},
      {"HelloWorld_XL", "helloworld-xl"},
      {"Copax_TimeLessXL", "copax-timeless-xl"},
      {"albedobase-xl-v13", "albedobase-xl"}};
  for (const auto& [id, stem] : rows)
    CHECK(found(id, search_path_of(t / "models")) == t / ("models/checkpoints/" + std::string(stem) + ".safetensors"));
}

TEST_CASE("models: a name finds a file directly under checkpoints, then deeper, then a folder, then what is like it") {
  const ModelsFolder t;
  t.fill();
  const auto is = [&](const std::string& name, const std::string& path) {
    CHECK(found(name, search_path_of(t / "models")) == t / ("models/" + path));
  };
  is("both", "checkpoints/both.safetensors");
  is("both.safetensors", "checkpoints/both.safetensors");
  is("deep/both", "checkpoints/deep/both.safetensors");
  is("checkpoints/deep/both.safetensors", "checkpoints/deep/both.safetensors");
  is("illustration", "checkpoints/anime/2024/deep/deeper/illustration.safetensors");
  is("sdxl-one", "sdxl-models/sdxl-one.safetensors");
  is("at_the_root", "at_the_root.safetensors");
  is("from_a1111", "Stable-diffusion/from_a1111.safetensors");
  is("SDXL_Base-1.0", "diffusers/SDXL_Base-1.0");
  is("sdxl-base-10", "diffusers/SDXL_Base-1.0");
  is("stabilityai/sdxl.base.1.0", "diffusers/SDXL_Base-1.0");
  is("finetune", "diffusers/nested/org/Fine.Tune");
  is("upper", "checkpoints/odd/UPPER.safetensors");
  t.model("models/checkpoints/odd/LOUD.SAFETENSORS");
  is("LOUD", "checkpoints/odd/LOUD.SAFETENSORS");
  is("loud.safetensors", "checkpoints/odd/LOUD.SAFETENSORS");
  is("モデル", "checkpoints/odd/モデル.safetensors");
  is("caf\xe9", "checkpoints/odd/caf\xe9.safetensors");
  is("my model (final) v2", "checkpoints/odd/my model (final) v2.safetensors");
  is("name.with.dots.v1.0.fp16", "checkpoints/odd/name.with.dots.v1.0.fp16.safetensors");
  is("a\nb", "checkpoints/odd/a\nb.safetensors");
  is("sdxl-turbo", "hub/models--stabilityai--sdxl-turbo/snapshots/aaaa");
  is("old", "broken/old.ckpt");
}

TEST_CASE("models: an id that nobody knows is no file that has its second half for a name") {
  const ModelsFolder t;
  t.fill();
  t.folder("models/diffusers/Acme--Big_One");
  const ModelSearchPath search = search_path_of(t / "models", t / "hub");
  const auto missing = [&](const std::string& id) { return found(id, search, ErrorCode::no_input); };
  const std::string tried = "\", nor a model of that name in " + t / "models";
  CHECK(missing("nobody/both") == "no file or folder \"/config/nobody/both" + tried +
                                      "; did you mean \"both\"?; to fetch it: hf download nobody/both");
  CHECK(missing("nobody/BOTH").ends_with("; to fetch it: hf download nobody/BOTH"));
  CHECK(missing("nobody/old").ends_with("; to fetch it: hf download nobody/old"));
  // by its path, or a folder: what hf download --local-dir makes is called so
  CHECK(found("deep/both", search) == t / "models/checkpoints/deep/both.safetensors");
  CHECK(found("anyone/Fine.Tune", search) == t / "models/diffusers/nested/org/Fine.Tune");
  CHECK(found("acme/big-one", search) == t / "models/diffusers/Acme--Big_One");
}

TEST_CASE("models: two that fit equally are an error that lists both, and one file by two links is one") {
  const ModelsFolder t;
  t.fill();
  CHECK(found("twice", search_path_of(t / "models")) ==
        "\"twice\" may be any of " + t / "models/checkpoints/a/twice.safetensors" + ", " +
            t / "models/checkpoints/b/twice.safetensors" + "; write the path");
  CHECK(found("a/twice", search_path_of(t / "models")) == t / "models/checkpoints/a/twice.safetensors");
  t.model("other/checkpoints/both.safetensors");
  ModelSearchPath two = search_path_of(t / "models");
  two.folders.push_back(t / "other");
  CHECK(found("both", two) == "\"both\" may be any of " + t / "models/checkpoints/both.safetensors" + ", " +
                                  t / "other/checkpoints/both.safetensors" + "; write the path");
  t.link("linked/checkpoints/epicella-xl.safetensors", t / "models/checkpoints/epicella-xl.safetensors");
  two.folders[1] = t / "linked";
  CHECK(found("epicella-xl", two) == t / "models/checkpoints/epicella-xl.safetensors");
}

TEST_CASE("models: an unknown name is an error with the path, where it was looked for, and the nearest") {
  const ModelsFolder t;
  t.fill();
  const auto unknown = [&](const std::string& name) {
    return found(name, search_path_of(t / "models"), ErrorCode::no_input);
  };
  const std::string tried = ", nor a model of that name in " + t / "models";
  CHECK(unknown("epicela-xl") ==
        "no file or folder \"/config/epicela-xl\"" + tried + "; did you mean \"epicella-xl\"?");
  CHECK(unknown("twce") == "no file or folder \"/config/twce\"" + tried + "; did you mean \"twice\"?");
  CHECK(unknown("nothing like it at all") == "no file or folder \"/config/nothing like it at all\"" + tried);
  for (const char* path : {"/none", "./none", "../none", "~/none"}) {
    CAPTURE(path);
    CHECK(unknown(path) == "no file or folder \"/config/" + std::string(path) + "\"");
  }
  CHECK(found("none", {}, ErrorCode::no_input) ==
        "no file or folder \"/config/none\"; a name is looked for in models_dir, ./models and ~/models, and none is "
        "there");
  CHECK(found("none.safetensors", {}, ErrorCode::no_input) == "no file or folder \"/config/none.safetensors\"");
  CHECK(unknown("in_hidden").starts_with("no file"));
  CHECK(unknown("89ab").starts_with("no file"));
  CHECK(unknown("model-00001-of-00002").starts_with("no file"));
}

TEST_CASE("models: a Hugging Face id is looked for in the cache, by its revision") {
  const ModelsFolder t;
  const std::string repo = "hub/models--org--name";
  t.folder(t.repository(repo, "aaaa"));
  t.folder(t.repository(repo, "bbbb", "refs/pr/1"));
  t.folder(t.repository(repo, "cccc", ""));
  t.folder(t.repository("hub/models--org--tagged", "dddd", "v1"));
  const ModelSearchPath search = search_path_of(t / "models", t / "hub");
  const auto is = [&](const std::string& id, const std::string& commit) {
    CHECK(found(id, search) == t / (repo + "/snapshots/" + commit));
  };
  is("org/name", "aaaa");
  is("org/name@main", "aaaa");
  is("org/name@refs/pr/1", "bbbb");
  is("org/name@cccc", "cccc");
  is("name", "aaaa");
  CHECK(found("org/tagged", search) == t / "hub/models--org--tagged/snapshots/dddd");
  CHECK(found("org/name/unet", search, ErrorCode::no_input).starts_with("no file or folder"));
}

TEST_CASE("models: where main is a commit that is not in the cache, no other is taken for it") {
  const ModelsFolder t;
  const std::string repo = "hub/models--org--stale";
  t.folder(t.repository(repo, "aaaa", ""));
  t.write(repo + "/refs/main", "bbbb");
  const ModelSearchPath search = search_path_of(t / "models", t / "hub");
  for (const char* name : {"org/stale", "org/stale@main"}) {
    CAPTURE(name);
    CHECK(found(name, search, ErrorCode::no_input).find("to fetch it: hf download org/stale") != std::string::npos);
  }
  CHECK(found("org/stale@aaaa", search) == t / (repo + "/snapshots/aaaa"));
}

TEST_CASE("models: a repository of one file is that file, of several an error that names them") {
  const ModelsFolder t;
  const std::string one = "hub/models--org--one", two = "hub/models--org--two";
  t.blob(one, t.repository(one, "aaaa"), "one.safetensors", "01");
  t.blob(two, t.repository(two, "bbbb"), "small.safetensors", "02");
  t.blob(two, t.repository(two, "bbbb"), "large.safetensors", "03");
  const ModelSearchPath search = search_path_of(t / "models", t / "hub");
  CHECK(found("org/one", search) == t / (one + "/snapshots/aaaa/one.safetensors"));
  CHECK(found("org/two", search) ==
        "\"org/two\" may be any of org/two/large.safetensors, org/two/small.safetensors; write one of them");
  CHECK(found("org/two/small.safetensors", search) == t / (two + "/snapshots/bbbb/small.safetensors"));
  CHECK(found("small", search) == t / (two + "/snapshots/bbbb/small.safetensors"));
}

TEST_CASE("models: an id that is not in the cache is an error with the command that fetches it") {
  const ModelsFolder t;
  t.folder(t.repository("hub/models--org--name", "aaaa"));
  t.folder(t.repository("hub/models--org--many", "bbbb", ""));
  t.folder(t.repository("hub/models--org--many", "cccc", ""));
  t.write("hub/models--org--empty/refs/main", "dddd");
  t.write("hub/models--org--evil/refs/main", "../../../../etc");
  const ModelSearchPath search = search_path_of(t / "models", t / "hub");
  const auto missing = [&](const std::string& id) { return found(id, search, ErrorCode::no_input); };
  const std::string tried = ", nor a model of that name in " + t / "hub";
  CHECK(missing("org/nmae") == "no file or folder \"/config/org/nmae\"" + tried +
                                   "; did you mean \"org/name\"?; to fetch it: hf download org/nmae");
  CHECK(missing("acme/other-one") ==
        "no file or folder \"/config/acme/other-one\"" + tried + "; to fetch it: hf download acme/other-one");
  CHECK(missing("org/name@v2") == "no file or folder \"/config/org/name@v2\"" + tried +
                                      "; did you mean \"org/name\"?; to fetch it: hf download org/name --revision v2");
  CHECK(missing("org/name/x.safetensors").ends_with("; to fetch it: hf download org/name x.safetensors"));
  CHECK(missing("org/empty").ends_with("; to fetch it: hf download org/empty"));
  CHECK(missing("org/evil").ends_with("; to fetch it: hf download org/evil"));
  CHECK(found("org/many", search) == "\"org/many\" may be any of org/many@bbbb, org/many@cccc; write one of them");
  CHECK(found("other/name", search, ErrorCode::no_input).starts_with("no file or folder"));
  CHECK(missing("sub/file.safetensors") == "no file or folder \"/config/sub/file.safetensors\"" + tried);
}

TEST_CASE("models: what is no id") {
  for (const char* text :
       {"name", "/a", "a/", "a//b", "../b", "a/..", "a/b@", "a/b@../x", "a/b c", "a/b/c@d", ".a/b"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_hub_id(text));
  }
}

TEST_CASE("models: ComfyUI's file lists its folders, and is_default goes first") {
  const ModelsFolder t;
  t.model("comfy/models/checkpoints/sub/in_comfy.safetensors");
  t.model("comfy/models/checkpoints/both.safetensors");
  t.model("more/second.safetensors");
  t.model("webui/models/Stable-diffusion/both.safetensors");
  t.folder("comfy/models/diffusers/A Folder");
  t.write("extra_model_paths.yaml",
          "# a comment\ncomfyui:\n  base_path: comfy\n  is_default: true\n  checkpoints: |\n    models/checkpoints/\n  "
          "  ../more\n"
          "  diffusers: models/diffusers\n  loras: models/loras\na111:\n  base_path: " +
              t / "webui" +
              "\n  checkpoints: models/Stable-diffusion\n"
              "  configs: models/Stable-diffusion\nempty:\n");
  ModelSearchPath search;
  search.comfyui_files = {t / "extra_model_paths.yaml"};
  CHECK(found("in_comfy", search) == t / "comfy/models/checkpoints/sub/in_comfy.safetensors");
  CHECK(found("second", search) == t / "more/second.safetensors");
  CHECK(found("A Folder", search) == t / "comfy/models/diffusers/A Folder");
  CHECK(found("both", search) == t / "comfy/models/checkpoints/both.safetensors");
  CHECK(found("none", search, ErrorCode::no_input) ==
        "no file or folder \"/config/none\", nor a model of that name in " + t / "comfy/models/checkpoints" + ", " +
            t / "more" + ", " + t / "webui/models/Stable-diffusion" + ", " + t / "comfy/models/diffusers");
}

TEST_CASE("models: ComfyUI's file is read in all its spellings") {
  const ModelsFolder t;
  t.model("comfy/models/checkpoints/base.safetensors");
  t.model("other/both.safetensors");
  t.model("comfy/models/checkpoints/both.safetensors");
  setenv("CALOTYPE_TEST_COMFY", (t / "comfy").c_str(), 1);
  ModelSearchPath search;
  search.comfyui_files = {t / "x.yaml"};
  const auto finds = [&](const std::string& text) {
    t.write("x.yaml", text);
    return found("base", search) == t / "comfy/models/checkpoints/base.safetensors";
  };
  CHECK(finds("x:\n  base_path: " + t / "comfy" + "\n  is_default: True\n  checkpoints: models/checkpoints/\n"));
  CHECK(finds("x: {base_path: '${CALOTYPE_TEST_COMFY}', checkpoints: models/checkpoints}"));
  CHECK(finds("x:\n  base_path: $CALOTYPE_TEST_COMFY/models\n  checkpoints: checkpoints\n"));
  CHECK(finds("x: &x\n  base_path: comfy\n  checkpoints: models/checkpoints\ny:\n  <<: *x\n  vae: models/vae\n"));
  CHECK(finds("x: {base_path: nowhere, base_path: !!str comfy, checkpoints: models/checkpoints}"));
  for (const std::string yes : {"yes", "ON", "1", "TRUE", "\"no\""}) {
    CAPTURE(yes);
    t.write("x.yaml", "a: {checkpoints: " + t / "other" + "}\nb: {base_path: comfy, is_default: " + yes +
                          ", checkpoints: models/checkpoints}\n");
    CHECK(found("both", search) == t / "comfy/models/checkpoints/both.safetensors");
  }
  for (const std::string no : {"no", "Off", "0", "False", "~", "\"\""}) {
    CAPTURE(no);
    t.write("x.yaml", "a: {is_default: yes, checkpoints: " + t / "other" +
                          "}\nb: {base_path: comfy, is_default: " + no + ", checkpoints: models/checkpoints}\n");
    CHECK(found("both", search) == t / "other/both.safetensors");
  }
}

TEST_CASE("models: a name that is typed with one character finds a file whose letter and accent are two") {
  const ModelsFolder t;
  t.model("models/cafe\u0301.safetensors");
  CHECK(found("caf\u00e9", search_path_of(t / "models")) == t / "models/cafe\u0301.safetensors");
}

TEST_CASE("models: errors of ComfyUI's file and of known names have their position") {
  const ModelsFolder t;
  const std::string file = t / "x.yaml";
  const auto comfyui = [&](const std::string& text) {
    t.write("x.yaml", text);
    return found("m", {{}, {file}, "", {}});
  };
  CHECK(comfyui("a: b") == file + ":1:4: a: want a map with base_path and folders, got \"b\"");
  CHECK(comfyui("a: {base_path: [x]}") == file + ":1:16: a.base_path: want a text, got a list");
  CHECK(comfyui("a: {checkpoints: {}}") == file + ":1:18: a.checkpoints: want a text, got a map");
  CHECK(found("m", {{}, {t / "none.yaml"}, "", {}}, ErrorCode::no_input) == t / "none.yaml" + ": no such file");
  t.write("x.yaml", "a: [b]");
  CHECK(found("m", {{}, {}, "", {file}}) == file + ":1:4: a: want the stem of a file, got a list");
}

TEST_CASE("models: a user's known names count before those that ship") {
  const ModelsFolder t;
  t.fill();
  t.write("names.yaml", "My/Favourite: epicella-xl\nHelloWorld-XL: zavychroma-xl\n");
  ModelSearchPath search = search_path_of(t / "models");
  search.name_files.push_back(t / "names.yaml");
  search.name_files.push_back(t / "not_there.yaml");
  CHECK(found("my/favourite", search) == t / "models/checkpoints/epicella-xl.safetensors");
  CHECK(found("HelloWorld_XL", search) == t / "models/checkpoints/zavychroma-xl.safetensors");
}

TEST_CASE("models: the config gives the search path, and errors have its position") {
  const ModelsFolder t;
  t.fill();
  const Folder folder;
  const auto model = [&](const std::string& lines, const ModelSearchPath& search = {}) {
    return resolve(Config::from_text("prompt: x\n" + lines, "a.yaml"), make_catalog(), search).model;
  };
  const std::string path = t / "models/checkpoints/epicella-xl.safetensors";
  CHECK(model("model: epicella-xl\nmodels_dir: " + t / "models") == path);
  CHECK(model("model: epicella-xl\nmodels_dir: [plugins, " + t / "models" + "]") == path);
  CHECK(model("model: epicella-xl", search_path_of(t / "models")) == path);
  CHECK(model("model: m.safetensors", search_path_of(t / "models")) == folder / "m.safetensors");
  folder.write("paths.yaml", "a: {checkpoints: " + t / "models/checkpoints" + "}");
  CHECK(model("model: epicella-xl\nmodel_paths: paths.yaml") == path);
  CHECK(resolved(kBase, {"models_dir=[" + t / "models" + "]", "model=epicella-xl"}).model == path);
  const auto error = [&](const std::string& lines, ErrorCode code = ErrorCode::config) {
    return message_of([&] { model(lines); }, code);
  };
  CHECK(error("model: epicela-xl\nmodels_dir: " + t / "models", ErrorCode::no_input) ==
        "a.yaml:2:8: model: no file or folder \"" + folder / "epicela-xl" + "\", nor a model of that name in " +
            t / "models" + "; did you mean \"epicella-xl\"?");
  CHECK(error("model: twice\nmodels_dir: " + t / "models").starts_with("a.yaml:2:8: model: \"twice\" may be any of "));
  CHECK(error("model: m.safetensors\nmodels_dir: none", ErrorCode::no_input) ==
        "a.yaml:3:13: models_dir: no folder \"" + folder / "none" + "\"");
  CHECK(error("model: m.safetensors\nmodels_dir: [none]", ErrorCode::no_input) ==
        "a.yaml:3:14: models_dir[0]: no folder \"" + folder / "none" + "\"");
  CHECK(error("model: m.safetensors\nmodels_dir: {}") ==
        "a.yaml:3:13: models_dir: want a folder or a list of folders, got a map");
  CHECK(error("model: m.safetensors\nmodel_paths: none", ErrorCode::no_input) ==
        "a.yaml:3:14: model_paths: no file \"" + folder / "none" + "\"");
  CHECK(error("model: m.safetensors\nmodel_paths: [[]]") == "a.yaml:3:15: model_paths[0]: want a file, got a list");
}
