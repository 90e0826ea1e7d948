# The version is the project's, its date that of its entry in the changelog, which must be there.
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/CHANGELOG.md)
file(STRINGS ${PROJECT_SOURCE_DIR}/CHANGELOG.md release REGEX "^## [0-9]+[.][0-9]+[.][0-9]+ - ")
list(GET release 0 release)
if(NOT release MATCHES "^## ${PROJECT_VERSION} - ([0-9-]+)$")
  message(FATAL_ERROR "CHANGELOG.md: `${release}` is the newest entry, but the version is ${PROJECT_VERSION}")
endif()
set(MLENVCTL_RELEASED ${CMAKE_MATCH_1})
