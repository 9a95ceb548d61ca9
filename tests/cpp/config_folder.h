// A folder of its own for each test of the config, which is also the working directory, so that messages name plain
// relative paths.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "ppinfer/config.h"
#include "ppinfer/error.h"

namespace ppinfer {

class ConfigFolder : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    std::filesystem::current_path(folder_);
  }

  void TearDown() override {
    std::filesystem::current_path(before_);
    std::filesystem::remove_all(folder_);
  }

  static void put(const std::string& path, const std::string& text) {
    const auto parent = std::filesystem::path(path).parent_path();
    if (!parent.empty()) std::filesystem::create_directories(parent);
    std::ofstream(path, std::ios::binary) << text;
  }

  static void put_paddle_model(const std::string& folder, const std::string& model = "inference.pdmodel") {
    put(folder + "/" + model, "");
    put((std::filesystem::path(folder) / model).replace_extension(".pdiparams").string(), "");
  }

  // What config.txt with this text becomes.
  static Config config_of(const std::string& text, const std::vector<Override>& overrides = {}) {
    put("config.txt", text);
    return Config::from_file("config.txt", overrides);
  }

  static std::vector<std::string> problems_of(const std::string& text, const std::vector<Override>& overrides = {}) {
    try {
      config_of(text, overrides);
    } catch (const ConfigError& error) {
      return error.problems();
    }
    return {};
  }

  static EffectiveValue effective(const Config& config, const std::string& key) {
    for (const EffectiveValue& value : config.effective()) {
      if (value.key == key) return value;
    }
    ADD_FAILURE() << "no key " << key;
    return {};
  }

  static std::string value_and_origin(const Config& config, const std::string& key) {
    const EffectiveValue found = effective(config, key);
    return found.text + " <- " + found.origin;
  }

 private:
  const std::filesystem::path before_ = std::filesystem::current_path();
  const std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / ("ppinfer_config_" + std::to_string(getpid()));
};

}  // namespace ppinfer
