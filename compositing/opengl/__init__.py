"""Draws a glTF model by OpenGL without a window: the same code on Mesa's llvmpipe and on graphics cards.

context.py    opens OpenGL, or says what to install
scene.py      where the model stands and what light falls on it: numbers, no OpenGL
shaders.py    the programs of shaders/*.glsl
meshes.py     a mesh's corners and texture on the device
shadow.py     the shadow map: the scene's depth as the sun sees it
target.py     the buffers that are drawn into, and how a picture is read back
renderer.py   all of that, frame by frame
"""
