#include "identity.h"

#include <sys/stat.h>

#include <string>

namespace ppinfer {
namespace {

void add_file(const std::string& path, JobIdentity& identity) {
  struct stat status;
  if (stat(path.c_str(), &status) != 0) return;  // a file that isn't there is no key, which shows too
  const std::string name = path.substr(path.rfind('/') + 1);
  identity.emplace_back("bytes of " + name, std::to_string(status.st_size));
  identity.emplace_back(
      "time of " + name + ", s",
      std::to_string(status.st_mtim.tv_sec) + "." + std::to_string(1'000'000'000 + status.st_mtim.tv_nsec).substr(1));
}

std::string joined(const std::vector<std::string>& texts) {
  std::string joined;
  for (const std::string& text : texts) joined += (joined.empty() ? "" : ", ") + text;
  return joined;
}

// What says which inputs come after those that are done, each of which is compared.
void add_inputs(const Arguments& arguments, JobIdentity& identity) {
  const InputOptions& inputs = arguments.inputs;
  identity.emplace_back("paths", joined(arguments.image_paths));
  identity.emplace_back("--include", joined(inputs.include));
  identity.emplace_back("--exclude", joined(inputs.exclude));
  identity.emplace_back("--hidden", inputs.hidden ? "on" : "off");
  identity.emplace_back("--no-follow-links", inputs.follow_links ? "off" : "on");
  identity.emplace_back("--shard", std::to_string(inputs.shard_index) + "/" + std::to_string(inputs.shard_count));
  identity.emplace_back("--list", inputs.list_path);
}

}  // namespace

JobIdentity identity_of(const Predictor& predictor, const Arguments& arguments) {
  JobIdentity identity = record_identity(predictor);
  identity.emplace_back(kProgramKey, "clas_system");
  identity.emplace_back("format", to_string(arguments.format));
  const Settings& settings = predictor.config().settings();
  for (const std::string& path : files_of_model(settings.cls_model_path, settings.cls_params_path)) {
    add_file(path, identity);
  }
  add_inputs(arguments, identity);
  return identity;
}

}  // namespace ppinfer
