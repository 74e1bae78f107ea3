#pragma once
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>

/// Folders with models as people have them, removed at the end. Every whole model is the tiny one, by hard links.
class ModelsFolder {
 public:
  ModelsFolder() {
    namespace fs = std::filesystem;
    std::string name = (fs::temp_directory_path() / "calotype-models-XXXXXX").string();
    root_ = fs::canonical(mkdtemp(name.data()));
    fs::copy_file(CALOTYPE_TEST_DATA "/tiny_sdxl/single_file.safetensors", root_ / "tiny");
  }
  ~ModelsFolder() { std::filesystem::remove_all(root_); }
  ModelsFolder(const ModelsFolder&) = delete;

  std::string operator/(const std::string& name) const { return (root_ / name).string(); }
  void write(const std::string& name, const std::string& bytes) const {
    std::ofstream(made(name), std::ios::binary) << bytes;
  }
  /// A checkpoint that loads.
  void model(const std::string& name) const { std::filesystem::create_hard_link(root_ / "tiny", made(name)); }
  /// A diffusers folder that loads; without `missing`.
  void folder(const std::string& name, const std::string& missing = "") const {
    namespace fs = std::filesystem;
    for (const auto& component : fs::directory_iterator(CALOTYPE_TEST_DATA "/tiny_sdxl/diffusers"))
      if (component.path().filename() != missing)
        fs::create_symlink(component.path(), made(name + "/" + component.path().filename().string()));
  }
  void link(const std::string& name, const std::string& target) const {
    std::filesystem::create_symlink(target, made(name));
  }
  /// A file of a header and no data.
  void header(const std::string& name, const std::string& json) const {
    const uint64_t size = json.size();
    std::string bytes(8, '\0');
    std::memcpy(bytes.data(), &size, 8);
    write(name, bytes + json);
  }
  /// A repository of the Hugging Face cache, its files in blobs/, linked from the snapshot that refs/main names.
  std::string repository(const std::string& name, const std::string& commit, const std::string& ref = "main") const {
    if (!ref.empty()) write(name + "/refs/" + ref, commit);
    return name + "/snapshots/" + commit;
  }
  /// A file of a snapshot: a link to a blob.
  void blob(const std::string& repository, const std::string& snapshot, const std::string& file,
            const std::string& sum) const {
    model(repository + "/blobs/" + sum);
    link(snapshot + "/" + file, "../../blobs/" + sum);
  }

  /// 60 and more of all that lies about in models folders.
  void fill() const {
    for (const char* stem : {"juggernaut-xl-lightning", "realvisxl-v5", "cyberrealistic-xl-v80", "cyberrealistic-pony",
                             "dreamshaper-xl", "proteus-xl", "animagine-xl", "nightvision-xl", "epicrealism-xl-purefix",
                             "epicella-xl", "zavychroma-xl", "helloworld-xl", "copax-timeless-xl", "albedobase-xl"})
      model("models/checkpoints/" + std::string(stem) + ".safetensors");
    for (const char* name : {"my model (final) v2", "モデル", "naïve-café", "a\nb", "-dash", "name.with.dots.v1.0.fp16",
                             "UPPER", "it's \"quoted\"", "caf\xe9", "100%", "$HOME", "trailing space "})
      model("models/checkpoints/odd/" + std::string(name) + ".safetensors");
    model("models/checkpoints/anime/2024/deep/deeper/illustration.safetensors");
    model("models/checkpoints/a/twice.safetensors");
    model("models/checkpoints/b/twice.safetensors");
    model("models/checkpoints/both.safetensors");
    model("models/checkpoints/deep/both.safetensors");
    model("models/sdxl-models/sdxl-one.safetensors");
    model("models/at_the_root.safetensors");
    model("models/Stable-diffusion/from_a1111.safetensors");
    folder("models/diffusers/SDXL_Base-1.0");
    folder("models/diffusers/nested/org/Fine.Tune");
    folder("models/diffusers/no-encoder", "text_encoder_2");
    folder("models/diffusers/no-unet", "unet");
    const auto hub = [&](const std::string& name, const std::string& commit) {
      return repository("models/hub/models--" + name, commit);
    };
    folder(hub("stabilityai--sdxl-turbo", "aaaa"));
    blob("models/hub/models--acme--one-file", hub("acme--one-file", "bbbb"), "one_file.safetensors", "0123");
    write("models/hub/models--acme--half/refs/main", "cccc");
    write("models/hub/models--acme--half/blobs/4567.incomplete", "x");
    write("models/hub/datasets--acme--images/snapshots/dddd/p.safetensors", "x");
    for (const char* other :
         {"notes.txt", "preview.png", "model.yaml", "readme.md", "embedding.pt", "upscaler.pth", "vae.bin",
          ".hidden.safetensors", ".cache/in_hidden.safetensors", "blobs/89ab.safetensors",
          "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors", "download.safetensors.part"})
      write("models/checkpoints/" + std::string(other), "x");
    write("models/broken/zero.safetensors", "");
    write("models/broken/page.safetensors", "<!DOCTYPE html>");
    write("models/broken/cut.safetensors", std::string(8, '\1'));
    write("models/broken/old.ckpt", "x");
    header("models/broken/lora.safetensors",
           R"({"a.lora_down.weight":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}})");
    mkfifo((*this / "models/broken/pipe.safetensors").c_str(), 0600);
    link("models/checkpoints/link.safetensors", "juggernaut-xl-lightning.safetensors");
    link("models/broken/gone.safetensors", "/gone/away.safetensors");
    link("models/broken/itself.safetensors", "itself.safetensors");
    link("models/checkpoints/up", "..");
    link("models/diffusers/round", "../checkpoints/up/diffusers");
  }

 private:
  std::filesystem::path made(const std::string& name) const {
    std::filesystem::create_directories((root_ / name).parent_path());
    return root_ / name;
  }
  std::filesystem::path root_;
};
