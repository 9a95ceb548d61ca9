#include "help.h"

#include <algorithm>
#include <vector>

#include "ppinfer/config.h"
#include "ppinfer/predictor.h"
#include "ppinfer/version.h"

namespace ppinfer {

std::string description() {
  return "Classify images and write one record for each, in the order given.\n"
         "A PATH is an image, a folder (searched recursively, sorted by name), or an archive (.zip, .tar, .tar.gz,\n"
         ".tar.bz2, .tar.xz, .tar.zst), also inside a folder. shard.tar::cat.jpg is one image in an archive, - is one\n"
         "image on standard input.\n";
}

std::string explanations() {
  return "CONFIG is a text file of `key value` lines that names the model and sets options. --keys lists the keys, "
         "and\n"
         "configs/config.txt explains them. Without -c the first PATH is the config, unless -m or -o names the model\n"
         "(model_dir or cls_model_path) and the PATH doesn't end in .txt, .conf, .cfg, .yml or .yaml.\n"
         "\n"
         "A PATTERN has * ? [a-z] [!a-z]. A PATTERN without a slash matches names at any depth: '*.png'. A PATTERN "
         "with\n"
         "a slash matches paths beneath the given folder or archive, and ** matches any folders: '2024/**/*.jpg'. A\n"
         "PATTERN that ends in a slash matches folders: 'thumbnails/'. A quoted PATH may be a pattern:\n"
         "'photos/**/*.jpg'.\n"
         "\n"
         "Examples:\n"
         "  clas_system config.txt photos/\n"
         "      Print records as text, one line an image.\n"
         "  clas_system -c config.txt --output records.jsonl photos/ more/cat.jpg\n"
         "      Write records as JSON Lines to a file.\n"
         "  find /photos -newer last.csv -print0 | clas_system config.txt --list - -0 --output new.csv\n"
         "      Classify the files that find lists.\n"
         "  clas_system config.txt --shard 2/8 --output part2.csv shards/\n"
         "      Classify the second of eight shards of a folder of archives.\n"
         "  clas_system -m models/efficientnet_lite0 -o topk=1 cat.jpg\n"
         "      Classify without a config; the model's own inference.yml sets the preprocessing.\n"
         "\n"
         "A stopped or killed run leaves FILE.part and FILE.manifest. --resume continues the run and gives the same\n"
         "records as a run without a stop.\n"
         "\n"
         "Exit codes:\n"
         "  0    every image was classified\n"
         "  1    some images failed; their records say why\n"
         "  2    wrong usage, config or model, no images found, or the output could not be written\n"
         "  3    stopped early by --max-errors; the records so far are kept\n"
         "  130  interrupted by Ctrl-C or SIGTERM; the records so far are kept\n"
         "  141  the reader of a pipe has closed it, as `| head` does\n";
}

std::string keys_text() {
  const std::vector<FieldInfo> fields = config_fields();
  std::size_t name_width = 0;
  for (const FieldInfo& field : fields) name_width = std::max(name_width, field.name.size());
  std::string text;
  for (const FieldInfo& field : fields) {
    text += field.name + std::string(name_width + 2 - field.name.size(), ' ') + field.help + " (" + field.expected;
    if (!field.default_value.empty()) text += "; default " + field.default_value;
    text += ")\n";
  }
  return text;
}

std::string version_text() {
  std::string text = std::string("ppinfer ") + kVersion + "\n";
  const std::vector<EngineInfo> engines = installed_engines();
  for (const EngineInfo& engine : engines) {
    text += (engine.problem.empty() ? "engine " + engine.name + " " + engine.version : engine.problem) + "\n";
  }
  if (engines.empty()) text += "no engine is installed\n";
  return text + "CPU features: " + cpu_features() + "\n";
}

}  // namespace ppinfer
