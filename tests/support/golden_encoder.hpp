// tests/golden/encoder, made by scripts/make_encoder_golden.py: tiny random models and what their peers make of texts.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "encoder/sentence/packing.hpp"
#include "persona4rec/error.hpp"
#include "support/paths.hpp"
#include "support/temp_dir.hpp"

namespace persona4rec::test {

inline std::filesystem::path encoder_golden(std::string_view name) {
  return source_dir() / "tests" / "golden" / "encoder" / name;
}

struct EncoderGolden {
  std::size_t max_length = 0;
  std::vector<std::string> texts;
  std::vector<std::vector<std::int32_t>> ids;
  std::map<std::size_t, std::vector<float>> hidden;  // of some texts, [tokens, hidden]
  std::vector<std::vector<float>> vectors;           // encode()
  std::vector<std::vector<float>> query_vectors;     // encode_query() of the first texts, with the router
  std::vector<std::string> xlmr_texts;               // of tiny_xlmr
  std::vector<std::vector<std::int32_t>> xlmr_ids;
  std::vector<std::vector<float>> xlmr_vectors;
  std::vector<std::vector<float>> document_vectors;  // encode_document()
};

inline const EncoderGolden& read_encoder_golden() {
  static const EncoderGolden golden = [] {
    const auto json = nlohmann::json::parse(read_file(encoder_golden("golden.json")));
    EncoderGolden out{.max_length = json.at("max_length"),
                      .texts = json.at("texts"),
                      .ids = json.at("ids"),
                      .vectors = json.at("vectors"),
                      .query_vectors = json.at("query_vectors"),
                      .xlmr_texts = json.at("xlmr").at("texts"),
                      .xlmr_ids = json.at("xlmr").at("ids"),
                      .xlmr_vectors = json.at("xlmr").at("vectors"),
                      .document_vectors = json.at("document_vectors")};
    for (const auto& [index, values] : json.at("hidden").items()) {
      out.hidden.emplace(std::stoul(index), values.get<std::vector<float>>());
    }
    return out;
  }();
  return golden;
}

// A copy of a tiny model's folder, to be changed.
class TinyModel {
 public:
  explicit TinyModel(std::string_view name) {
    std::filesystem::copy(encoder_golden(name), path(), std::filesystem::copy_options::recursive);
  }
  [[nodiscard]] std::filesystem::path path() const { return dir_ / "model"; }
  std::filesystem::path operator/(std::string_view name) const { return path() / name; }
  void write(const std::string& name, std::string_view bytes) const { (void)dir_.write("model/" + name, bytes); }
  void remove(std::string_view name) const { std::filesystem::remove_all(path() / name); }
  // Changes one key of a JSON object file; null takes it out.
  void set(const std::string& file, const std::string& key, const nlohmann::json& value) const {
    auto json = nlohmann::json::parse(read_file(path() / file));
    json[key] = value;
    if (value.is_null()) json.erase(key);
    write(file, json.dump());
  }

 private:
  TempDir dir_;
};

class TinyBert : public TinyModel {
 public:
  TinyBert() : TinyModel("tiny_bert") {}
};

// The texts' ids as one batch, in the given order.
inline PackedBatch pack(const std::vector<std::vector<std::int32_t>>& ids) {
  PackedBatch batch{.begins = {0}};
  for (std::size_t i = 0; i < ids.size(); ++i) {
    batch.ids.insert(batch.ids.end(), ids[i].begin(), ids[i].end());
    batch.begins.push_back(batch.ids.size());
    batch.rows.push_back(i);
  }
  return batch;
}

inline double cosine(std::span<const float> a, std::span<const float> b) {
  double ab = 0;
  double aa = 0;
  double bb = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    ab += double{a[i]} * b[i];
    aa += double{a[i]} * a[i];
    bb += double{b[i]} * b[i];
  }
  return ab / std::sqrt(aa * bb);
}

inline void expect_near(std::span<const float> got, std::span<const float> expected, double tolerance) {
  ASSERT_EQ(got.size(), expected.size());
  for (std::size_t i = 0; i < got.size(); ++i) ASSERT_NEAR(got[i], expected[i], tolerance) << "at " << i;
}

// Runs `body`, which must throw an Error of this kind whose text holds all `parts`.
template <class Body>
void expect_error(ErrorKind kind, const std::vector<std::string>& parts, const Body& body) {
  try {
    body();
    ADD_FAILURE() << "no error; expected one with \"" << parts.front() << "\"";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), kind) << error.what();
    for (const auto& part : parts) {
      EXPECT_NE(std::string(error.what()).find(part), std::string::npos)
          << "got: " << error.what() << "\nexpected in it: " << part;
    }
  }
}

}  // namespace persona4rec::test
