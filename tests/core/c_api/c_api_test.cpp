// The C interface where docs/embed.md does not show it: errors, cancelling, defaults, sizes of structs.
#include <calotype/calotype.h>
#include <doctest/doctest.h>

#include <cstring>
#include <nlohmann/json.hpp>
#include <string>

using nlohmann::json;

namespace {

struct Made {
  calotype_host* host = nullptr;
  Made() { REQUIRE(calotype_host_create(nullptr, &host) == 0); }
  ~Made() { calotype_host_destroy(host); }
};

std::string tiny(const std::string& more = "") {
  return "{\"model\": \"" CALOTYPE_TEST_DATA
         "/tiny_sdxl/single_file.safetensors\", \"prompt\": \"a cat\", \"width\": 64, \"height\": 64, "
         "\"steps\": 3, \"device\": \"cpu\", \"dtype\": \"float32\"" +
         more + "}";
}

}  // namespace

TEST_CASE("c: an error has a number and a text, and the host goes on") {
  const Made made;
  calotype_result* result = nullptr;
  CHECK(calotype_generate(made.host, tiny(", \"steps\": 0").c_str(), nullptr, &result) == CALOTYPE_E_CONFIG);
  CHECK(result == nullptr);
  CHECK(calotype_last_code() == CALOTYPE_E_CONFIG);
  CHECK(std::string(calotype_last_error()).find("config:1:") == 0);
  CHECK(calotype_generate(made.host, nullptr, nullptr, &result) == CALOTYPE_E_USAGE);
  CHECK(calotype_last_error() == std::string("config: want a pointer, got null"));
  CHECK(calotype_generate(nullptr, "", nullptr, &result) == CALOTYPE_E_USAGE);
  REQUIRE(calotype_generate(made.host, tiny().c_str(), nullptr, &result) == 0);
  CHECK(calotype_result_count(result) == 1);
  const char* text = nullptr;
  CHECK(calotype_result_base64(result, 1, &text) == CALOTYPE_E_USAGE);
  CHECK(calotype_last_error() == std::string("k: want less than 1, got 1"));
  CHECK(calotype_result_base64(result, 0, &text) == 0);
  CHECK(std::string(text).starts_with("iVBORw0K"));
  calotype_result_destroy(result);
}

TEST_CASE("c: the text of an error is one line of UTF-8, however long and whatever it names") {
  const Made made;
  const char* text = nullptr;
  for (size_t k = 0; k < 3; ++k) {  // one of three is cut within a character
    std::string name(k, 'a');
    for (int i = 0; i < 3000; ++i) name += "\u6a21";
    CHECK(calotype_describe(made.host, name.c_str(), &text) == CALOTYPE_E_NO_INPUT);
    CHECK(std::strlen(calotype_last_error()) >= 4092);
    CHECK_NOTHROW(json(calotype_last_error()).dump());  // which throws at what is no UTF-8
  }
  CHECK(calotype_show(made.host, "scheduler", "a\nb\xe9", &text) == CALOTYPE_E_CONFIG);
  CHECK(std::string(calotype_last_error()).starts_with("unknown scheduler \"a\\nb\\xe9\"; "));
  calotype_result* result = nullptr;
  CHECK(calotype_generate(made.host, tiny(", \"steps\": 0, \"seed\": -2").c_str(), nullptr, &result) ==
        CALOTYPE_E_CONFIG);
  const std::string both = calotype_last_error();
  CHECK(both.find('\n') == both.npos);
  CHECK(both.find("duplicate key \"steps\"") != both.npos);
  CHECK(calotype_generate(made.host, "{\"stepz\": 0, \"seed\": -2}", nullptr, &result) == CALOTYPE_E_CONFIG);
  CHECK(std::string(calotype_last_error()).find("; config:1:") != std::string::npos);
}

TEST_CASE(
    "c: a progress that returns other than 0, and calotype_cancel, end a run after the model evaluation under way") {
  const Made made;
  struct Watcher {
    calotype_host* host;
    bool by_call;
    int calls = 0, previews = 0;
  };
  for (const bool by_call : {false, true}) {
    Watcher watcher{made.host, by_call};
    calotype_run_options options{};
    options.size = sizeof options;
    options.context = &watcher;
    options.progress = [](void* context, const calotype_progress* p) -> int32_t {
      auto& w = *static_cast<Watcher*>(context);
      w.calls = p->call;
      if (p->call < 2) return 0;
      if (w.by_call) calotype_cancel(w.host);
      return !w.by_call;
    };
    options.preview = [](void* context, const calotype_image* image, const calotype_progress*) {
      static_cast<Watcher*>(context)->previews += image->width == 8;
    };
    calotype_result* result = nullptr;
    CHECK(calotype_generate(made.host, tiny().c_str(), &options, &result) == CALOTYPE_E_CANCELLED);
    CHECK(watcher.calls == 2);
    CHECK(watcher.previews >= 1);
  }
}

TEST_CASE("c: what a struct's size does not cover has its default") {
  const Made made;
  calotype_run_options options{};
  options.size = offsetof(calotype_run_options, progress);
  options.progress = [](void*, const calotype_progress*) -> int32_t { return 1; };
  calotype_result* result = nullptr;
  REQUIRE(calotype_generate(made.host, tiny().c_str(), &options, &result) == 0);
  calotype_image image{};
  image.size = offsetof(calotype_image, rgb);
  CHECK(calotype_result_image(result, 0, &image) == 0);
  CHECK(image.width == 64);
  CHECK(image.rgb == nullptr);
  calotype_result_destroy(result);
  options.size = 1;
  CHECK(calotype_load(made.host, tiny().c_str(), &options) == CALOTYPE_E_USAGE);
  CHECK(calotype_last_error() == std::string("options.size: want its size in bytes, got 1"));
}

TEST_CASE("c: lists, one entry, a model and a plan are JSON") {
  const Made made;
  const char* text = nullptr;
  REQUIRE(calotype_list(made.host, "sampler", &text) == 0);
  CHECK(json::parse(text).size() >= 12);
  REQUIRE(calotype_show(made.host, "scheduler", "karras", &text) == 0);
  CHECK(json::parse(text)["settings"][0]["name"] == "rho");
  REQUIRE(calotype_describe(made.host, CALOTYPE_TEST_DATA "/tiny_sdxl/single_file.safetensors", &text) == 0);
  CHECK(json::parse(text)["loader"] == "single_file");
  REQUIRE(calotype_plan(made.host, tiny().c_str(), &text) == 0);
  CHECK(json::parse(text)["sigmas"].size() == 4);
  CHECK(calotype_list(made.host, "colour", &text) == CALOTYPE_E_USAGE);
  CHECK(calotype_last_error() == std::string("kind: want scheduler, sampler, loader or pipeline, got \"colour\""));
}

TEST_CASE("c: defaults are set by an id or a map, and taken back by null") {
  const Made made;
  const char* text = nullptr;
  const auto planned = [&] {
    REQUIRE(calotype_plan(made.host, tiny().c_str(), &text) == 0);
    return json::parse(text);
  };
  REQUIRE(calotype_set_scheduler(made.host, "{id: karras, rho: 5}") == 0);
  REQUIRE(calotype_set_sampler(made.host, "heun") == 0);
  CHECK(planned()["scheduler"]["settings"]["rho"] == 5);
  CHECK(planned()["sampler"]["id"] == "heun");
  CHECK(calotype_set_sampler(made.host, "hein") == CALOTYPE_E_CONFIG);
  CHECK(std::string(calotype_last_error()).find("sampler: unknown sampler \"hein\"") == 0);
  REQUIRE(calotype_set_scheduler(made.host, nullptr) == 0);
  REQUIRE(calotype_set_sampler(made.host, nullptr) == 0);
  CHECK(planned()["scheduler"]["id"] == "dpm_pp_2m_karras");
}
