#include "llm/transport/late_curl.hpp"

#include <dlfcn.h>

#include <cstdarg>
#include <string>

#include "persona4rec/error.hpp"

static_assert(sizeof(void*) == sizeof(curl_off_t) && sizeof(void*) == sizeof(long));

namespace persona4rec {
namespace {

constexpr const char* kLibrary = "libcurl.so.4";

void* in_libcurl(const char* function) {
  static void* const kLoaded = ::dlopen(kLibrary, RTLD_NOW | RTLD_LOCAL);
  if (kLoaded == nullptr) {
    throw internal_error(std::string("requests need ") + kLibrary + ", which cannot be loaded: " + ::dlerror());
  }
  void* found = ::dlsym(kLoaded, function);
  if (found == nullptr) throw internal_error(std::string(kLibrary) + " has no " + function);
  return found;
}

template <class Function>
struct FirstParameter;
template <class Result, class First, class... Others>
struct FirstParameter<Result(First, Others...)> {
  using Type = First;
};
using UrlToGet = FirstParameter<decltype(::curl_url_get)>::Type;  // const in newer headers

}  // namespace
}  // namespace persona4rec

// NOLINTBEGIN(cppcoreguidelines-macro-usage, bugprone-macro-parentheses, clang-diagnostic-varargs): options are plain
// enums
#define P4R_LATE(Result, name, parameters, arguments)                                                     \
  Result name parameters {                                                                                \
    static const auto kFunction = reinterpret_cast<Result(*) parameters>(persona4rec::in_libcurl(#name)); \
    return kFunction arguments;                                                                           \
  }
#define P4R_LATE_OPTION(Result, name, Handle, Option)                                                                 \
  Result name(Handle* handle, Option option, ...) {                                                                   \
    static const auto kFunction = reinterpret_cast<Result (*)(Handle*, Option, ...)>(persona4rec::in_libcurl(#name)); \
    std::va_list arguments;                                                                                           \
    va_start(arguments, option);                                                                                      \
    void* value = va_arg(arguments, void*);                                                                           \
    va_end(arguments);                                                                                                \
    return kFunction(handle, option, value);                                                                          \
  }

extern "C" {

P4R_LATE(CURLcode, curl_global_init, (long flags), (flags))
P4R_LATE(void, curl_free, (void* text), (text))
P4R_LATE(time_t, curl_getdate, (const char* text, const time_t* unused), (text, unused))
P4R_LATE(curl_slist*, curl_slist_append, (curl_slist * list, const char* line), (list, line))
P4R_LATE(void, curl_slist_free_all, (curl_slist * list), (list))

P4R_LATE(CURL*, curl_easy_init, (), ())
P4R_LATE(void, curl_easy_reset, (CURL * easy), (easy))
P4R_LATE(void, curl_easy_cleanup, (CURL * easy), (easy))
P4R_LATE(const char*, curl_easy_strerror, (CURLcode code), (code))
P4R_LATE_OPTION(CURLcode, curl_easy_setopt, CURL, CURLoption)
P4R_LATE_OPTION(CURLcode, curl_easy_getinfo, CURL, CURLINFO)

P4R_LATE(curl_mime*, curl_mime_init, (CURL * easy), (easy))
P4R_LATE(void, curl_mime_free, (curl_mime * mime), (mime))
P4R_LATE(curl_mimepart*, curl_mime_addpart, (curl_mime * mime), (mime))
P4R_LATE(CURLcode, curl_mime_name, (curl_mimepart * part, const char* name), (part, name))
P4R_LATE(CURLcode, curl_mime_data, (curl_mimepart * part, const char* data, size_t size), (part, data, size))
P4R_LATE(CURLcode, curl_mime_filedata, (curl_mimepart * part, const char* path), (part, path))

P4R_LATE(CURLM*, curl_multi_init, (), ())
P4R_LATE(CURLMcode, curl_multi_cleanup, (CURLM * multi), (multi))
P4R_LATE(CURLMcode, curl_multi_add_handle, (CURLM * multi, CURL* easy), (multi, easy))
P4R_LATE(CURLMcode, curl_multi_remove_handle, (CURLM * multi, CURL* easy), (multi, easy))
P4R_LATE(CURLMcode, curl_multi_socket_action, (CURLM * multi, curl_socket_t socket, int events, int* running),
         (multi, socket, events, running))
P4R_LATE(CURLMsg*, curl_multi_info_read, (CURLM * multi, int* left), (multi, left))
P4R_LATE(const char*, curl_multi_strerror, (CURLMcode code), (code))
P4R_LATE_OPTION(CURLMcode, curl_multi_setopt, CURLM, CURLMoption)

P4R_LATE(CURLU*, curl_url, (), ())
P4R_LATE(void, curl_url_cleanup, (CURLU * url), (url))
P4R_LATE(CURLUcode, curl_url_get, (persona4rec::UrlToGet url, CURLUPart part, char** text, unsigned flags),
         (url, part, text, flags))
P4R_LATE(CURLUcode, curl_url_set, (CURLU * url, CURLUPart part, const char* text, unsigned flags),
         (url, part, text, flags))

}  // extern "C"
// NOLINTEND(cppcoreguidelines-macro-usage, bugprone-macro-parentheses, clang-diagnostic-varargs)
