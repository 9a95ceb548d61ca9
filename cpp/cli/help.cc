#include "help.h"

#include <algorithm>
#include <vector>

#include "ppinfer/config.h"
#include "ppinfer/predictor.h"
#include "ppinfer/version.h"

namespace ppinfer {

std::string description() {
  return "Classifies images: one record for each, in the order given.\n"
         "A PATH is an image, a folder (searched recursively, sorted by name), or an archive (.zip, .tar, .tar.gz,\n"
         ".tar.bz2, .tar.xz, .tar.zst). Archives are read in place, also inside folders.\n"
         "shard.tar::cat.jpg is one image in an archive, - is one on standard input.\n";
}

std::string explanations() {
  return "CONFIG is a text file of `key value` lines that names the model and how to run it. --keys lists the keys, "
         "and\n"
         "configs/config.txt explains them. Without -c the first PATH is the config, unless -m or -o names the model\n"
         "(model_dir or cls_model_path) and that PATH doesn't end in .txt, .conf, .cfg, .yml or .yaml.\n"
         "\n"
         "A PATTERN has * ? [a-z] [!a-z]. Without a slash it is about names, at any depth: '*.png'. With one it is\n"
         "about the path in the given folder or archive, ** for any folders: '2024/**/*.jpg'. With one at its end it "
         "is\n"
         "about folders: 'thumbnails/'. A quoted PATH may have these too: 'photos/**/*.jpg'.\n"
         "\n"
         "Examples:\n"
         "  clas_system config.txt photos/\n"
         "      The answers as text, an image a line.\n"
         "  clas_system -c config.txt --output answers.jsonl photos/ more/cat.jpg\n"
         "      The answers as JSON Lines, in a file.\n"
         "  find /photos -newer last.csv -print0 | clas_system config.txt --list - -0 --output new.csv\n"
         "      Only what find finds.\n"
         "  clas_system config.txt --shard 2/8 --output part2.csv shards/\n"
         "      The second of eight machines' part of a folder of archives.\n"
         "  clas_system -m models/efficientnet_lite0 -o topk=1 cat.jpg\n"
         "      No config at all: the model's own inference.yml says the rest.\n"
         "\n"
         "A run that was stopped, however it was, leaves FILE.part and FILE.manifest; --resume goes on from there and "
         "ends\n"
         "with the very records of a run that wasn't stopped.\n"
         "\n"
         "Exit codes:\n"
         "  0    every image was classified\n"
         "  1    some images could not be classified: their records say why\n"
         "  2    nothing or not all was done: wrong usage, config or model, no images found, or the output could not "
         "be\n"
         "       written\n"
         "  3    more images failed than --max-errors allows: it stopped early, and the records so far are kept\n"
         "  130  interrupted by Ctrl-C or SIGTERM: the records of the images that were done are kept\n"
         "  141  the reader of a pipe has gone, as `| head` does\n";
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
    text += "engine " + engine.name +
            (engine.problem.empty() ? " " + engine.version : " cannot be loaded: " + engine.problem) + "\n";
  }
  if (engines.empty()) text += "no engine is installed\n";
  return text + "CPU features: " + cpu_features() + "\n";
}

}  // namespace ppinfer
