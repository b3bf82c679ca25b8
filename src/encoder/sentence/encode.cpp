#include "persona4rec/encode.hpp"

#include <vector>

#include "base/clock.hpp"
#include "base/utf8.hpp"
#include "io/cache/embedding_file.hpp"
#include "io/jsonl_reader.hpp"
#include "io/line_source.hpp"
#include "io/output_file.hpp"
#include "io/provenance.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {
namespace {

struct Input {
  std::vector<std::string> texts;  // with their prefix
  std::uint64_t bad_rows = 0;
  std::string sha256;
};

Input read_lines(const EncodeOptions& options) {
  Input input;
  LineSource source(options.input);
  for (std::string line; source.next(line);) {
    if (const auto bad = find_bad_utf8(line)) {
      if (++input.bad_rows <= options.max_bad_rows) continue;
      throw input_error({.file = options.input == "-" ? "<stdin>" : options.input.string(), .line = source.line()},
                        "expected UTF-8, got a bad byte at column " + std::to_string(*bad + 1));
    }
    input.texts.push_back(options.prefix + line);
  }
  input.sha256 = source.sha256();
  return input;
}

Input read_field(const EncodeOptions& options) {
  Input input;
  JsonlReader reader(options.input, {.max_bad_rows = options.max_bad_rows});
  while (reader.next(
      [&](const RowView& row) { input.texts.push_back(options.prefix + std::string(row.string(options.field))); })) {
  }
  input.bad_rows = reader.bad_rows();
  input.sha256 = reader.sha256();
  return input;
}

Input read_input(const EncodeOptions& options) {
  Input input = options.field.empty() ? read_lines(options) : read_field(options);
  if (input.texts.empty()) {
    throw input_error({.file = options.input == "-" ? "<stdin>" : options.input.string()}, "expected texts, got none");
  }
  return input;
}

void write_token_ids(const EncodeOptions& options, const std::vector<std::string>& texts) {
  OutputFile out(options.token_ids);
  for (const auto& text : texts) out.write_row(options.tokenize(text));
  out.commit();
}

std::string side_name(const EncodeReport& report, const EncodeOptions& options) {
  if (!report.head_applied) return "none";
  return options.side == HeadSide::kQuery ? "query" : "document";
}

void register_inputs(const EncodeOptions& options, const std::string& texts, const std::string& encoder,
                     Provenance& provenance) {
  if (options.input == "-") {
    provenance.input_value("texts", texts);
  } else {
    provenance.input("texts", options.input, texts);
  }
  provenance.input_value("encoder", encoder);
  provenance.option("field", options.field);
  provenance.option("prefix", options.prefix);
}

void write_provenance(const EncodeOptions& options, const EncodeReport& report, const std::string& sha256,
                      Provenance& provenance) {
  provenance.option("side", side_name(report, options));
  provenance.count("texts", report.counts.texts);
  provenance.count("truncated", report.counts.truncated);
  provenance.count("bad_rows", report.bad_rows);
  provenance.run_fact("encoded", report.counts.encoded);
  provenance.run_fact("tokens", report.counts.tokens);
  provenance.run_fact("texts_per_second", report.texts_per_second());
  provenance.run_fact("tokens_per_second", report.tokens_per_second());
  provenance.write(options.output, "embeddings", sha256, report.counts.texts);
}

}  // namespace

EncodeReport encode(const EncodeOptions& options, TextEncoder& encoder, const EncoderHead* head) {
  Provenance provenance("encode", options.force);
  OutputFile out(options.output);
  const Input input = read_input(options);
  register_inputs(options, input.sha256, encoder.fingerprint(), provenance);
  if (!options.token_ids.empty()) write_token_ids(options, input.texts);
  const double started = steady_seconds();
  Embeddings embeddings = encoder.encode(input.texts, options.progress);
  EncodeReport report{.counts = embeddings.counts,
                      .dimensions = embeddings.dimensions,
                      .bad_rows = input.bad_rows,
                      .head_applied = options.side && head != nullptr};
  if (options.side && head != nullptr) apply_encoder_head(*head, *options.side, embeddings.values);
  report.seconds = steady_seconds() - started;
  out.write(npy_header(embeddings.rows, embeddings.dimensions));
  out.write({reinterpret_cast<const char*>(embeddings.values.data()), embeddings.values.size() * sizeof(float)});
  const std::string sha256 = out.commit();
  if (options.output != "-") write_provenance(options, report, sha256, provenance);
  return report;
}

}  // namespace persona4rec
