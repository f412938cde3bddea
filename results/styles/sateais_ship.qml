<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>
<qgis styleCategories="Symbology" version="3.22.0">
 <renderer-v2 type="singleSymbol" referencescale="-1" symbollevels="0" enableorderby="0" forceraster="0">
  <symbols>
   <symbol type="fill" name="0" alpha="1">
    <layer enabled="1" pass="0" locked="0" class="SimpleLine">
     <Option type="Map">
      <Option type="QString" name="line_color" value="255,255,255,200" />
      <Option type="QString" name="line_style" value="solid" />
      <Option type="QString" name="line_width" value="1.1" />
     </Option>
    </layer>
    <layer enabled="1" pass="0" locked="0" class="SimpleFill">
     <Option type="Map">
      <Option type="QString" name="color" value="255,176,0,70" />
      <Option type="QString" name="outline_color" value="179,71,0,255" />
      <Option type="QString" name="outline_style" value="solid" />
      <Option type="QString" name="outline_width" value="0.46" />
      <Option type="QString" name="style" value="solid" />
     </Option>
    </layer>
    <layer enabled="1" pass="0" locked="0" class="CentroidFill">
     <Option type="Map">
      <Option type="QString" name="clip_on_current_part_only" value="0" />
      <Option type="QString" name="clip_points" value="0" />
      <Option type="QString" name="point_on_all_parts" value="0" />
      <Option type="QString" name="point_on_surface" value="0" />
     </Option>
     <data_defined_properties>
      <Option type="Map">
       <Option type="QString" name="name" value="" />
       <Option type="Map" name="properties">
        <Option type="Map" name="enabled">
         <Option type="bool" name="active" value="true" />
         <Option type="QString" name="expression" value="coalesce(@map_scale, 0) &gt; 60000" />
         <Option type="int" name="type" value="3" />
        </Option>
       </Option>
       <Option type="QString" name="type" value="collection" />
      </Option>
     </data_defined_properties>
     <symbol type="marker" name="@0@2" alpha="1">
      <layer enabled="1" pass="0" locked="0" class="SimpleMarker">
       <Option type="Map">
        <Option type="QString" name="angle" value="0" />
        <Option type="QString" name="color" value="255,176,0,255" />
        <Option type="QString" name="name" value="diamond" />
        <Option type="QString" name="outline_color" value="255,255,255,255" />
        <Option type="QString" name="outline_style" value="solid" />
        <Option type="QString" name="outline_width" value="1" />
        <Option type="QString" name="size" value="3.4" />
       </Option>
      </layer>
      <layer enabled="1" pass="0" locked="0" class="SimpleMarker">
       <Option type="Map">
        <Option type="QString" name="angle" value="0" />
        <Option type="QString" name="color" value="255,176,0,255" />
        <Option type="QString" name="name" value="diamond" />
        <Option type="QString" name="outline_color" value="122,48,0,255" />
        <Option type="QString" name="outline_style" value="solid" />
        <Option type="QString" name="outline_width" value="0.4" />
        <Option type="QString" name="size" value="3.4" />
       </Option>
      </layer>
     </symbol>
    </layer>
   </symbol>
  </symbols>
  <rotation />
  <sizescale />
 </renderer-v2>
 <blendMode>0</blendMode>
 <featureBlendMode>0</featureBlendMode>
 <layerGeometryType>2</layerGeometryType>
</qgis>
