#include <array>
#include <cstddef>
#include <cstdio>

#include "core/stable_hash.h"
#include "ppinfer/job.h"
#include "ppinfer/version.h"

namespace ppinfer {
namespace {

std::string hash_of(const std::vector<std::string>& labels) {
  std::string joined;
  for (const std::string& label : labels) joined += label + '\n';
  std::array<char, 17> digits{};
  std::snprintf(digits.data(), digits.size(), "%016llx", static_cast<unsigned long long>(stable_hash(joined)));
  return digits.data();
}

}  // namespace

JobIdentity record_identity(const Predictor& predictor) {
  JobIdentity identity{{"ppinfer", kVersion}};
  const std::vector<FieldInfo> fields = config_fields();
  const std::vector<EffectiveValue> rows = report_config(predictor.config()).effective;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (fields[i].changes_records()) identity.emplace_back(rows[i].key, rows[i].text);
  }
  identity.emplace_back("hash of the labels", hash_of(predictor.labels()));
  return identity;
}

}  // namespace ppinfer
