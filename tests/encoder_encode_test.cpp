#include "persona4rec/encode.hpp"

#include <gtest/gtest.h>

#include <cstring>

#include "io/provenance.hpp"
#include "support/fake_text_encoder.hpp"
#include "support/golden_encoder.hpp"

namespace persona4rec::test {
namespace {

// A .npy file of f32: its shape as text and its values.
std::pair<std::string, std::vector<float>> read_npy(const std::filesystem::path& path) {
  const std::string bytes = read_file(path);
  EXPECT_EQ(bytes.substr(0, 8), std::string("\x93NUMPY\x01\x00", 8));
  const std::size_t begin = 10 + static_cast<unsigned char>(bytes[8]) + 256U * static_cast<unsigned char>(bytes[9]);
  EXPECT_EQ(begin % 64, 0U);
  const std::string header = bytes.substr(10, begin - 10);
  EXPECT_NE(header.find("'descr': '<f4', 'fortran_order': False"), std::string::npos);
  std::vector<float> values((bytes.size() - begin) / sizeof(float));
  std::memcpy(values.data(), bytes.data() + begin, values.size() * sizeof(float));
  const std::size_t shape = header.find('(');
  return {header.substr(shape, header.find(')') + 1 - shape), values};
}

class Encode : public testing::Test {
 protected:
  EncodeReport run(const std::string& input, EncodeOptions options = {}) {
    options.input = dir_.write("input", input);
    options.output = dir_ / "out.npy";
    return encode(options, encoder_, nullptr);
  }
  void expect_vectors(const std::vector<std::string>& texts) {
    const auto [shape, values] = read_npy(dir_ / "out.npy");
    EXPECT_EQ(shape, "(" + std::to_string(texts.size()) + ", 4)");
    std::vector<float> expected;
    for (const auto& text : texts) {
      const auto vector = encoder_.vector(text);
      expected.insert(expected.end(), vector.begin(), vector.end());
    }
    EXPECT_EQ(values, expected);
  }

  TempDir dir_;
  FakeTextEncoder encoder_{4};
};

TEST_F(Encode, LinesAreTexts) {
  const EncodeReport report = run("one\r\ntwo words\n\nlast");
  expect_vectors({"one", "two words", "", "last"});
  EXPECT_EQ(report.counts.texts, 4U);
  EXPECT_EQ(report.dimensions, 4U);
  EXPECT_FALSE(report.head_applied);
  EXPECT_GE(report.seconds, 0.0);
  const Json meta = read_meta(dir_ / "out.npy");
  EXPECT_EQ(meta.at("rows"), 4);
  EXPECT_EQ(meta.at("inputs").at("encoder"), encoder_.fingerprint());
}

TEST_F(Encode, AFieldOfJsonLines) {
  (void)run("{\"text\": \"a\", \"x\": 1}\n{\"text\": \"b\\nc\"}\n", {.field = "text", .prefix = "query: "});
  expect_vectors({"query: a", "query: b\nc"});
}

TEST_F(Encode, BadRowsHaveAPlace) {
  expect_error(ErrorKind::kInput, {"input:2", "\"text\""},
               [&] { (void)run("{\"text\": \"a\"}\n{}\n", {.field = "text"}); });
  expect_error(ErrorKind::kInput, {"input:2", "UTF-8"}, [&] { (void)run("fine\nb\xff\n"); });
  expect_error(ErrorKind::kInput, {"input", "got none"}, [&] { (void)run(""); });
  EXPECT_FALSE(std::filesystem::exists(dir_ / "out.npy"));
  EXPECT_EQ(run("fine\nb\xff\nlast", {.max_bad_rows = 1}).bad_rows, 1U);
  expect_vectors({"fine", "last"});
  EXPECT_EQ(run("{\"text\": \"a\"}\n{}\n", {.field = "text", .max_bad_rows = 1}).bad_rows, 1U);
  expect_vectors({"a"});
}

TEST_F(Encode, AppliesTheSideOfAHead) {
  EncoderHead head{.dimensions = 4,
                   .user_map = std::vector<float>(16),
                   .persona_map = std::vector<float>(16),
                   .user_mean = std::vector<float>(4),
                   .persona_mean = std::vector<float>(4)};
  for (std::size_t i = 0; i < 4; ++i) head.user_map[i * 4 + 3 - i] = 1;  // turns a vector around
  EncodeOptions options{.input = dir_.write("input", "one\n"), .output = dir_ / "out.npy", .side = HeadSide::kQuery};
  EXPECT_TRUE(encode(options, encoder_, &head).head_applied);
  auto expected = encoder_.vector("one");
  std::ranges::reverse(expected);
  expect_near(read_npy(dir_ / "out.npy").second, expected, 1e-6);
  EXPECT_FALSE(encode(options, encoder_, nullptr).head_applied);
  expect_vectors({"one"});
}

TEST_F(Encode, WritesTokenIds) {
  const auto& golden = read_encoder_golden();
  EncodeOptions options{.token_ids = dir_ / "ids.jsonl",
                        .tokenize = open_text_tokenizer({.folder = encoder_golden("tiny_bert")})};
  (void)run(golden.texts[0] + "\n" + golden.texts[1] + "\n", options);
  EXPECT_EQ(read_file(dir_ / "ids.jsonl"),
            nlohmann::json(golden.ids[0]).dump() + "\n" + nlohmann::json(golden.ids[1]).dump() + "\n");
}

TEST_F(Encode, OpensTheOutputFirst) {
  const EncodeOptions options{.input = dir_ / "missing", .output = dir_.write("file", "") / "out.npy"};
  expect_error(ErrorKind::kOutput, {"file"}, [&] { (void)encode(options, encoder_, nullptr); });
  EXPECT_TRUE(encoder_.calls().empty());
}

}  // namespace
}  // namespace persona4rec::test
