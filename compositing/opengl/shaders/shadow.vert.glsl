#version 330
// A corner of a mesh as the sun sees it.

uniform mat4 to_sun;

in vec3 position;

void main() {
    gl_Position = to_sun * vec4(position, 1.0);
}
