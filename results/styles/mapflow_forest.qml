<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>
<qgis styleCategories="Symbology" version="3.22.0">
 <renderer-v2 type="RuleRenderer" referencescale="-1" symbollevels="0" enableorderby="0" forceraster="0">
  <rules key="forest">
   <rule key="forest_1" label="Forest">
    <rule key="forest_2" label="Trees of 10 m and higher" filter="attribute($currentfeature, 'class_id') = '10m-99m'" symbol="0" />
    <rule key="forest_3" label="Trees of 4 to 10 m" filter="attribute($currentfeature, 'class_id') = '04m-10m'" symbol="1" />
    <rule key="forest_4" label="Trees under 4 m" filter="attribute($currentfeature, 'class_id') = '00m-04m'" symbol="2" />
    <rule key="forest_5" label="Trees" filter="ELSE" symbol="3" />
   </rule>
   <rule key="forest_far" label="Seen from afar" scalemindenom="50000" symbol="4" />
  </rules>
  <symbols>
   <symbol type="fill" name="0" alpha="1">
    <layer enabled="1" pass="0" locked="0" class="SimpleFill">
     <Option type="Map">
      <Option type="QString" name="color" value="20,108,52,170" />
      <Option type="QString" name="outline_color" value="15,80,40,255" />
      <Option type="QString" name="outline_style" value="solid" />
      <Option type="QString" name="outline_width" value="0.3" />
      <Option type="QString" name="style" value="solid" />
     </Option>
    </layer>
   </symbol>
   <symbol type="fill" name="1" alpha="1">
    <layer enabled="1" pass="0" locked="0" class="SimpleFill">
     <Option type="Map">
      <Option type="QString" name="color" value="62,150,70,170" />
      <Option type="QString" name="outline_color" value="15,80,40,255" />
      <Option type="QString" name="outline_style" value="solid" />
      <Option type="QString" name="outline_width" value="0.3" />
      <Option type="QString" name="style" value="solid" />
     </Option>
    </layer>
   </symbol>
   <symbol type="fill" name="2" alpha="1">
    <layer enabled="1" pass="0" locked="0" class="SimpleFill">
     <Option type="Map">
      <Option type="QString" name="color" value="140,190,90,170" />
      <Option type="QString" name="outline_color" value="15,80,40,255" />
      <Option type="QString" name="outline_style" value="solid" />
      <Option type="QString" name="outline_width" value="0.3" />
      <Option type="QString" name="style" value="solid" />
     </Option>
    </layer>
   </symbol>
   <symbol type="fill" name="3" alpha="1">
    <layer enabled="1" pass="0" locked="0" class="SimpleFill">
     <Option type="Map">
      <Option type="QString" name="color" value="62,150,70,160" />
      <Option type="QString" name="outline_color" value="15,80,40,255" />
      <Option type="QString" name="outline_style" value="solid" />
      <Option type="QString" name="outline_width" value="0.4" />
      <Option type="QString" name="style" value="solid" />
     </Option>
    </layer>
   </symbol>
   <symbol type="fill" name="4" alpha="1">
    <layer enabled="1" pass="0" locked="0" class="CentroidFill">
     <Option type="Map">
      <Option type="QString" name="clip_on_current_part_only" value="0" />
      <Option type="QString" name="clip_points" value="0" />
      <Option type="QString" name="point_on_all_parts" value="0" />
      <Option type="QString" name="point_on_surface" value="0" />
     </Option>
     <symbol type="marker" name="@4@0" alpha="1">
      <layer enabled="1" pass="0" locked="0" class="SimpleMarker">
       <Option type="Map">
        <Option type="QString" name="color" value="62,150,70,255" />
        <Option type="QString" name="name" value="circle" />
        <Option type="QString" name="outline_color" value="255,255,255,255" />
        <Option type="QString" name="outline_style" value="solid" />
        <Option type="QString" name="outline_width" value="0.8" />
        <Option type="QString" name="size" value="2.2" />
       </Option>
      </layer>
      <layer enabled="1" pass="0" locked="0" class="SimpleMarker">
       <Option type="Map">
        <Option type="QString" name="color" value="62,150,70,255" />
        <Option type="QString" name="name" value="circle" />
        <Option type="QString" name="outline_color" value="30,30,30,255" />
        <Option type="QString" name="outline_style" value="solid" />
        <Option type="QString" name="outline_width" value="0.25" />
        <Option type="QString" name="size" value="2.2" />
       </Option>
      </layer>
     </symbol>
    </layer>
   </symbol>
  </symbols>
 </renderer-v2>
 <blendMode>0</blendMode>
 <featureBlendMode>0</featureBlendMode>
 <layerGeometryType>2</layerGeometryType>
</qgis>
