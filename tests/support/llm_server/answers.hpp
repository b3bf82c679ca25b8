// Answers that fit a request's JSON schema and depend on its prompt alone, so that every try at a prompt, in whatever
// form it is asked, gets the same one.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "config.hpp"

namespace llm_server {

inline std::uint64_t fnv1a(std::string_view text, std::uint64_t hash = 0xCBF29CE484222325ULL) {
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
  return hash;
}

// Mixes a hash into a number that looks random (SplitMix64's finaliser).
inline std::uint64_t mix(std::uint64_t z) {
  z += 0x9E3779B97F4A7C15ULL;
  z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
  return z ^ (z >> 31U);
}

// A chat request as the server sees it.
struct Asked {
  Json body;
  std::string prompt;  // the first user message without instructions: names the request through all its tries
  Json schema;
  std::string format = "plain";

  static constexpr std::string_view kSchemaMark =
      "\n\nAnswer with one JSON object and nothing else. It must fit this "
      "JSON schema:\n";

  static constexpr std::string_view kRepairMark = "\n\nThis answer cannot be used: ";

  static Asked read(const std::string& text) {
    Asked asked;
    asked.body = Json::parse(text);
    if (asked.body.contains("response_format")) {
      asked.format = asked.body["response_format"]["type"];
      if (asked.format == "json_schema") asked.schema = asked.body["response_format"]["json_schema"]["schema"];
    }
    bool found = false;
    for (const auto& message : asked.body.at("messages")) {
      std::string content = message.at("content");
      if (const auto mark = content.find(kSchemaMark); mark != std::string::npos) {
        asked.schema = Json::parse(content.substr(mark + kSchemaMark.size()));
        content.resize(mark);
      }
      if (const auto repair = content.find(kRepairMark); repair != std::string::npos) content.resize(repair);
      if (message["role"] == "user" && !found) {
        asked.prompt = content;
        found = true;
      }
    }
    return asked;
  }

  [[nodiscard]] std::size_t prompt_bytes() const {
    std::size_t bytes = 0;
    for (const auto& message : body.at("messages")) bytes += message.at("content").get_ref<const std::string&>().size();
    return bytes;
  }
  [[nodiscard]] int max_tokens() const { return body.value("max_tokens", body.value("max_completion_tokens", 0)); }
};

inline Json answer_for(const Json& schema, std::uint64_t hash);

inline Json string_for(const Json& schema, std::uint64_t hash) {
  if (schema.contains("enum")) return schema["enum"][hash % schema["enum"].size()];
  std::string text = "text " + std::to_string(hash % 1000000);
  const auto least = schema.value("minLength", std::size_t{0});
  while (text.size() < least) text += " more";
  return text;
}

inline Json array_for(const Json& schema, std::uint64_t hash) {
  Json array = Json::array();
  const auto least = schema.value("minItems", std::size_t{1});
  for (std::size_t i = 0; i < least; ++i) array.push_back(answer_for(schema["items"], mix(hash + i)));
  return array;
}

inline Json object_for(const Json& schema, std::uint64_t hash) {
  Json object = Json::object();
  for (const auto& [name, property] : schema["properties"].items())
    object[name] = answer_for(property, mix(fnv1a(name, hash)));
  return object;
}

inline Json answer_for(const Json& schema, std::uint64_t hash) {
  std::string type = "object";
  if (schema.contains("type")) type = schema["type"].is_array() ? schema["type"][0] : schema["type"];
  if (type == "string") return string_for(schema, hash);
  if (type == "array") return array_for(schema, hash);
  if (type == "object") return object_for(schema, hash);
  if (type == "boolean") return hash % 2 == 0;
  if (type == "number") return static_cast<double>(hash % 1000) / 10;
  if (type == "integer") return hash % 1000;
  return nullptr;
}

struct Reply {
  std::string content;
  std::string finish_reason = "stop";
  bool choices = true;
};

// The content of an answer with this fault; other kinds leave it as it is.
inline Reply reply_for(const Asked& asked, const std::string& fault) {
  Reply reply;
  reply.content = answer_for(asked.schema, fnv1a(asked.prompt)).dump();
  if (fault == "truncated_json") reply.content.resize(reply.content.size() / 2);
  if (fault == "wrong_schema") reply.content = R"({"unexpected":true})";
  if (fault == "fenced") reply.content = "Here it is:\n```json\n" + reply.content + "\n```\nAnything else?";
  if (fault == "length") {
    reply.content.resize(reply.content.size() / 2);
    reply.finish_reason = "length";
  }
  if (fault == "length_valid") reply.finish_reason = "length";
  if (fault == "content_filter") {
    reply.content.clear();
    reply.finish_reason = "content_filter";
  }
  if (fault == "empty_choices") reply.choices = false;
  if (fault == "empty") reply.content.clear();
  if (fault == "thinks") {
    reply.content.clear();
    reply.finish_reason = "length";
  }
  return reply;
}

inline Json completion(const Asked& asked, const Reply& reply, const Config& config) {
  Json body = {{"id", "chatcmpl-test"}, {"object", "chat.completion"}, {"model", asked.body.at("model")}};
  body["choices"] = Json::array();
  if (reply.choices)
    body["choices"].push_back({{"index", 0},
                               {"message", {{"role", "assistant"}, {"content", reply.content}}},
                               {"finish_reason", reply.finish_reason}});
  if (!config.report_usage) return body;
  const auto prompt = static_cast<std::uint64_t>(static_cast<double>(asked.prompt_bytes()) * config.tokens_per_byte);
  const auto most = static_cast<std::uint64_t>(asked.max_tokens());
  const std::uint64_t answer =
      config.longest_answers ? most : std::min<std::uint64_t>(most, reply.content.size() / 4 + 1);
  body["usage"] = {{"prompt_tokens", prompt}, {"completion_tokens", answer}, {"total_tokens", prompt + answer}};
  return body;
}

}  // namespace llm_server
