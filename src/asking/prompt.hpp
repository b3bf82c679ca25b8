// A stage's prompt: prompts/<domain>/<stage>.txt and <stage>.schema.json -> ChatRequest.
//
// The text file has two parts, headed by lines "[system]" and "[user]"; placeholders as in base/text_template.hpp.
#pragma once

#include <filesystem>
#include <initializer_list>
#include <memory>
#include <string>

#include "base/text_template.hpp"
#include "persona4rec/chat_client.hpp"
#include "persona4rec/records.hpp"

namespace persona4rec {

class Prompt {
 public:
  // Throws Error kUsage: a missing file, a missing part, a schema outside the portable subset (answer_schema.hpp).
  [[nodiscard]] static Prompt load(const std::filesystem::path& folder, const std::string& stage);

  // Renders the prompt from `facts`. The schema may be narrowed for one request (enum of ids): pass it, else the
  // file's.
  [[nodiscard]] ChatRequest request(Json facts, std::string label, const Sampling& sampling,
                                    std::shared_ptr<const Json> schema = nullptr) const;

  // The same without the rendered prompt, for a client that reads none (ChatClient::reads_prompts()).
  [[nodiscard]] ChatRequest bare_request(Json facts, std::string label, const Sampling& sampling,
                                         std::shared_ptr<const Json> schema = nullptr) const;

  [[nodiscard]] const std::string& stage() const { return stage_; }
  [[nodiscard]] const std::shared_ptr<const Json>& schema() const { return schema_; }
  // Hex SHA-256 of both files: part of the meta file.
  [[nodiscard]] const std::string& fingerprint() const { return fingerprint_; }

 private:
  std::string stage_;
  TextTemplate system_;
  TextTemplate user_;
  std::shared_ptr<const Json> schema_;
  std::string fingerprint_;
};

// A rating as prompts show it: 5 rather than 5.0, "unknown" where the dataset has none.
[[nodiscard]] Json stars(const Rating& rating);

// Throws Error kUsage when the prompt's answer schema lacks a field that the stage reads.
void require_answer_fields(const Prompt& prompt, std::initializer_list<const char*> fields);

}  // namespace persona4rec
